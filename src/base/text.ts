// What text the database and our keys can hold, checked before it gets there.
import { OBJECT_MARK } from "./object-id.ts";

const NO_SPACE = /^[\x21-\x7e\u00a1-\u{10ffff}]+$/u;
const MAX_USER_ID = 256;
const MAX_NAME = 255;

/** Whether PostgreSQL can hold a text: it takes neither NUL nor half a surrogate pair. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

/** The path of the first text (or name of a member) in a JSON value that cannot be stored, or `null`. */
export function findUnstorable(value: unknown): (string | number)[] | null {
  const open: Place[] = [{ value, key: "", within: null }];
  // The list grows while it is walked.
  for (const place of open) {
    const { value } = place;
    if (typeof value === "string" && !isStorable(value)) return pathOf(place);
    if (typeof value !== "object" || value === null) continue;
    const isList = Array.isArray(value);
    for (const [key, member] of Object.entries(value)) {
      if (!isStorable(key)) return pathOf(place);
      open.push({ value: member, key: isList ? Number(key) : key, within: place });
    }
  }
  return null;
}

/** A value inside another one. Its path is made only when it is asked for: of a million nested lists each has a long one. */
interface Place {
  value: unknown;
  key: string | number;
  within: Place | null;
}

function pathOf(place: Place): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = place; at.within !== null; at = at.within) path.push(at.key);
  return path.toReversed();
}

function idProblem(text: string, longest: number): string | null {
  if (text === "") return "is empty";
  // Code points, as the database counts; a cheap look at the length first.
  if (text.length > longest && [...text].length > longest) return `is longer than ${longest} characters`;
  return isStorable(text) ? null : "holds a character that cannot be stored";
}

/** What is wrong with a user id, as the end of a sentence, or `null`. Any text of 1 to 256 characters will do. */
export const userIdProblem = (id: string): string | null => idProblem(id, MAX_USER_ID);

const markProblem = (text: string): string | null =>
  text.startsWith(OBJECT_MARK) ? `begins with "${OBJECT_MARK}", which is reserved for objects` : null;

/** What is wrong with the id of a person, where objects cannot be meant. */
export const personIdProblem = (id: string): string | null => userIdProblem(id) ?? markProblem(id);

/** What is wrong with a tenant id. As for users; `default` is taken by a user's own preference set. */
export const tenantIdProblem = (id: string): string | null =>
  id === "default" ? "is reserved" : idProblem(id, MAX_USER_ID);

/**
 * What is wrong with the name of a list. 1 to 255 printable characters without spaces, in any script:
 * `project.7.followers`, `team:ä/members`.
 */
export function listNameProblem(name: string): string | null {
  const problem = idProblem(name, MAX_NAME);
  if (problem) return problem;
  return NO_SPACE.test(name) && !/\p{White_Space}|\p{Cc}|\p{Cf}/u.test(name)
    ? null
    : "holds a space or a character that cannot be printed";
}

/** What is wrong with the name of a list that callers may change: those of objects are their subscribers. */
export const ownListNameProblem = (name: string): string | null => listNameProblem(name) ?? markProblem(name);
