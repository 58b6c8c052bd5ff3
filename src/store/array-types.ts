// PostgreSQL's arrays for postgres.js, which would otherwise ask the server for its types on each new
// connection: a round trip more, and a rejection that nobody can catch when the server goes away meanwhile.

import type postgres from "postgres";

type Parse = (text: string) => unknown;

const same: Parse = (text) => text;

/** Element types by the OID of their array type. */
const ELEMENTS: Record<number, Parse> = {
  // boolean, and the kinds of number that fit one of ours
  1000: (text) => text === "t",
  1005: Number,
  1007: Number,
  1021: Number,
  1022: Number,
  // bigint and numeric
  1016: same,
  1231: same,
  // text, varchar, uuid
  1009: same,
  1015: same,
  2951: same,
  // date, timestamp, timestamptz
  1182: same,
  1115: same,
  1185: same,
  // json, jsonb
  199: (text) => JSON.parse(text) as unknown,
  3807: (text) => JSON.parse(text) as unknown,
};

function element(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  const text =
    value instanceof Date
      ? value.toISOString()
      : typeof value === "object"
        ? JSON.stringify(value)
        : `${value as string}`;
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A list as the text of an array. Text is taken to be one already: drizzle writes those of its columns itself. */
export const writeArray = (value: unknown): unknown =>
  Array.isArray(value)
    ? `{${value.map((each) => (Array.isArray(each) ? (writeArray(each) as string) : element(each))).join(",")}}`
    : value;

// A quoted element, an unquoted one, or a sign.
const TOKEN = /"((?:[^"\\]|\\.)*)"|([^{},"]+)|([{},])/gs;

/** The text of an array as a list. */
export function readArray(text: string, parse: Parse): unknown[] {
  const root: unknown[] = [];
  const open = [root];
  // Bounds other than 1 come before the elements: [0:1]={a,b}
  for (const [, quoted, plain, sign] of text.slice(text.indexOf("{")).matchAll(TOKEN)) {
    const list = open.at(-1)!;
    if (sign === "{") {
      const inner: unknown[] = [];
      list.push(inner);
      open.push(inner);
    } else if (sign === "}") open.pop();
    else if (quoted !== undefined) list.push(parse(quoted.replaceAll(/\\(.)/gs, "$1")));
    else if (plain !== undefined) list.push(plain === "NULL" ? null : parse(plain));
  }
  return root[0] as unknown[];
}

/** The `types` of a client that is opened with `fetch_types: false`. */
export const arrayTypes: Record<string, postgres.PostgresType> = Object.fromEntries(
  Object.entries(ELEMENTS).map(([oid, parse]) => [
    `array${oid}`,
    { to: Number(oid), from: [Number(oid)], serialize: writeArray, parse: (text: string) => readArray(text, parse) },
  ]),
);
