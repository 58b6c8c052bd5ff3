// Objects are recipients among people. Their ids as recipients begin with what no id of a person begins with.

/** An object of the project's own product, such as project 7. */
export interface ObjectReference {
  collection: string;
  id: string;
}

/** What recipient ids of objects begin with, and ids of people and names of lists must not. */
export const OBJECT_MARK = "#";

/**
 * The recipient id of an object, which is also the name of the list of its subscribers.
 *
 * @example objectRecipientId({ collection: "projects", id: "7" }) // "#projects/7"
 */
export const objectRecipientId = ({ collection, id }: ObjectReference): string =>
  `${OBJECT_MARK}${encodeURIComponent(collection)}/${encodeURIComponent(id)}`;

/** The object with this recipient id; `null` when it is a person's. */
export function objectOf(recipientId: string): ObjectReference | null {
  if (!recipientId.startsWith(OBJECT_MARK)) return null;
  const [collection, id, ...rest] = recipientId.slice(OBJECT_MARK.length).split("/");
  if (!collection || !id || rest.length > 0) return null;
  try {
    return { collection: decodeURIComponent(collection), id: decodeURIComponent(id) };
  } catch {
    return null;
  }
}
