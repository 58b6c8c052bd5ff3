// Schemas with a name in the OpenAPI document.
import { z } from "zod";

/** What the document says of schemas beside their form: their name, and what they mean. */
export const shapes = z.registry<{ id?: string; description?: string }>();

/** Gives a schema its name in the document: `shape("User", z.looseObject({ … }))`. */
export function shape<Schema extends z.ZodType>(name: string, schema: Schema): Schema {
  shapes.add(schema, { id: name });
  return schema;
}

/** Says what a member means: `meaning("Who did it.", z.string())`. */
export function meaning<Schema extends z.ZodType>(description: string, schema: Schema): Schema {
  shapes.add(schema, { description });
  return schema;
}

/** An instant: `2026-01-05T09:00:00.000Z`. */
export const timestamp = z.iso.datetime();

/** Cursors of the neighbouring pages; `null` where there is none. */
export const pageInfo = shape(
  "PageInfo",
  z.strictObject({
    __typename: z.literal("PageInfo"),
    after: z.string().nullable(),
    before: z.string().nullable(),
    page_size: z.int(),
  }),
);

/** A page of a list. */
export const entriesOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ entries: z.array(item), page_info: pageInfo });

/** A page of a list, in the words that some routes use for it. */
export const itemsOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), page_info: pageInfo });
