import { KnockError } from "../base/errors.ts";

/** SQLSTATEs that speak of values: more rows than may be, what a type or a constraint does not allow, what is too large. */
const OF_VALUES = /^(21|22|23|54)...$/;

/**
 * Whether work failed because of what it works with, so that the same work without it would succeed: a value that
 * PostgreSQL does not take, or code that threw. Not when the database is away, full, busy or of another version.
 */
export function isDataError(error: unknown): boolean {
  if (KnockError.is(error)) return error.code !== "DATABASE_UNREACHABLE";
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return OF_VALUES.test(at.code);
  }
  return true;
}
