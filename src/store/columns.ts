// Many rows as the parameters of one statement: column by column, and what rows have in common only once.
//
// One parameter of JSON for all rows would be read twice, by the planner and by the executor, and takes the
// server twice the time of columns. Columns are texts that the server takes apart, not arrays, because the
// drivers write arrays slowly.
import { sql, type SQL } from "drizzle-orm";
import { storableText } from "../base/stored-json.ts";
import { isStorable } from "../base/text.ts";

type Type = "uuid" | "text" | "integer" | "smallint" | "bigint" | "timestamptz";

/** Between JSON texts, which never hold it: JSON writes control characters as escapes. */
const BETWEEN = "\u001e";

const array = (elements: readonly string[], type: Type): SQL =>
  sql`${`{${elements.join(",")}}`}::text::${sql.raw(type)}[]`;

/** A column of ids, numbers or times: values that need no quotes. */
export const column = (type: Exclude<Type, "text">, values: readonly (string | number | Date | null)[]): SQL =>
  array(
    values.map((value) => (value === null ? "NULL" : value instanceof Date ? value.toISOString() : String(value))),
    type,
  );

const SPECIAL = /["\\]/;

const quoted = (text: string) => `"${SPECIAL.test(text) ? text.replaceAll(/["\\]/g, "\\$&") : text}"`;

/** A column of any text. What the database cannot hold is repaired as in JSON: NUL goes, half a surrogate pair is replaced. */
export const textColumn = (values: readonly (string | null)[]): SQL => {
  const elements = values.map((value) => (value === null ? "NULL" : quoted(value)));
  const fits = elements.every(isStorable);
  return array(fits ? elements : elements.map((text) => text.replaceAll("\0", "").toWellFormed()), "text");
};

/** A column of JSON texts: cast what comes out of it to `jsonb`. They are repaired as by `storableJson`. */
export const jsonColumn = (texts: readonly string[]): SQL =>
  sql`string_to_array(${storableText(texts.join(BETWEEN))}::text, chr(30))`;

/** Rows by what they have in common. */
export interface Shapes<Row> {
  /** The first row of each shape. */
  firsts: Row[];
  /** The keys of the shapes. */
  keys: string[];
  /** For each row the number of its shape, counted from 1 as `with ordinality` does. */
  numbers: number[];
}

/**
 * Finds rows that are the same but for their ids: a broadcast has thousands of them. Their common part is
 * sent, parsed and checked once, and joined by number.
 */
export function shapesOf<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Shapes<Row> {
  const known = new Map<string, number>();
  const firsts: Row[] = [];
  const numbers = rows.map((row) => {
    const key = keyOf(row);
    let number = known.get(key);
    if (number === undefined) {
      number = firsts.push(row);
      known.set(key, number);
    }
    return number;
  });
  return { firsts, keys: [...known.keys()], numbers };
}
