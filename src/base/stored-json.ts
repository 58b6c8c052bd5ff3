// What crosses into the database as JSON: refused when a caller gives what cannot be stored, repaired
// when an author's own code produced it.
import { isStorable } from "./text.ts";

/** Lists and objects inside each other; PostgreSQL itself gives up at some thousands. */
const DEEPEST = 100;

/** What keeps a value from being stored, and where. */
export interface JsonProblem {
  path: (string | number)[];
  message: string;
  code: string;
}

/**
 * The first thing in a value that JSON or PostgreSQL cannot hold: a bigint, a circle, lists nested
 * beyond 100 levels, NUL or half a surrogate pair. `null` when it can be stored. Looks before anything
 * recursive does, as a circle would never end there.
 */
export function jsonProblem(value: unknown): JsonProblem | null {
  return problemAt(value, []);
}

function problemAt(value: unknown, path: (string | number)[]): JsonProblem | null {
  if (typeof value === "string") return isStorable(value) ? null : unstorable(path);
  if (typeof value === "bigint")
    return { path: [...path], message: "A bigint cannot be stored as JSON; give it as text.", code: "invalid_type" };
  if (typeof value !== "object" || value === null) return null;
  // A circle is just as deep.
  if (path.length >= DEEPEST) {
    return {
      path: path.slice(0, 1),
      message: `The value is nested more than ${DEEPEST} levels deep.`,
      code: "too_deep",
    };
  }
  const isList = Array.isArray(value);
  for (const [key, member] of Object.entries(value)) {
    if (!isStorable(key)) return unstorable(path);
    path.push(isList ? Number(key) : key);
    const problem = problemAt(member, path);
    if (problem) return problem;
    path.pop();
  }
  return null;
}

const unstorable = (path: readonly (string | number)[]): JsonProblem => ({
  path: [...path],
  message: "The text holds a character that cannot be stored.",
  code: "invalid_text",
});

// An even number of backslashes before it belongs to the text itself.
const UNSTORABLE = /(?<!\\)((?:\\\\)*)\\u(0000|d[89a-f][0-9a-f]{2})/g;

/**
 * JSON text that PostgreSQL takes, of a value that an author's code made: NUL is dropped and half a
 * surrogate pair, which any `slice` of a text may leave, becomes the replacement character. Without
 * this one such text would take its whole chunk of recipients down.
 */
export const storableJson = (value: unknown): string => storableText(JSON.stringify(value));

/** The same for JSON text, also for several texts in one. */
export function storableText(text: string): string {
  if (!text.includes("\\u")) return text;
  return text.replaceAll(
    UNSTORABLE,
    (_all, backslashes: string, code: string) => backslashes + (code === "0000" ? "" : "\ufffd"),
  );
}

const byStoredOrder = ([one]: [string, unknown], [other]: [string, unknown]): number => {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length - right.length || Buffer.compare(left, right);
};

function inStoredOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(inStoredOrder);
  const members = Object.entries(value).toSorted(byStoredOrder);
  return Object.fromEntries(members.map(([name, member]) => [name, inStoredOrder(member)]));
}

/**
 * A value as PostgreSQL gives it back from `jsonb`: repaired like `storableJson`, the members of objects in the order
 * that it keeps, shorter names first.
 *
 * @example storedForm({ bb: 1, a: undefined, c: 2 }) // { c: 2, bb: 1 }
 */
export const storedForm = <Value>(value: Value): Value => inStoredOrder(JSON.parse(storableJson(value))) as Value;
