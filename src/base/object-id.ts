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
  // Half a surrogate pair cannot be encoded; `objectProblem` refuses it where something is to be stored.
  `${OBJECT_MARK}${encodeURIComponent(collection.toWellFormed())}/${encodeURIComponent(id.toWellFormed())}`;

/** Characters that a recipient id of an object has at most: as many as the name of a list. */
const LONGEST = 255;

/** What is wrong with a part of an object's reference, as the end of a sentence, or `null`. */
function partProblem(part: string): string | null {
  if (part === "") return "is empty";
  return part.isWellFormed() && !part.includes("\0") ? null : "holds a character that cannot be stored";
}

/** What is wrong with a reference: which part, and the end of a sentence. `null` for one that may be stored. */
export function objectProblem(object: ObjectReference): { part: "collection" | "id"; problem: string } | null {
  for (const part of ["collection", "id"] as const) {
    const problem = partProblem(object[part]);
    if (problem) return { part, problem };
  }
  if (objectRecipientId(object).length <= LONGEST) return null;
  return { part: "id", problem: `is, together with its collection, longer than ${LONGEST} characters once encoded` };
}

/**
 * What is wrong with the id of a recipient that begins as those of objects do, as the end of a sentence, or `null`:
 * one object has one id.
 */
export function objectIdProblem(recipientId: string): string | null {
  if (!recipientId.startsWith(OBJECT_MARK)) return null;
  const object = objectOf(recipientId);
  return object && objectRecipientId(object) === recipientId
    ? null
    : `begins with "${OBJECT_MARK}" as those of objects do, and is none: these look like "#projects/7"`;
}

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
