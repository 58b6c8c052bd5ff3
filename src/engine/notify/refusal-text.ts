import type { Issue, KnockError } from "../../base/errors.ts";

/** Issues that are spelt out where nobody reads them one by one. */
const LISTED = 3;

/** Why a call was refused, for the record of what made it: with the first places and what is wrong there. */
export function refusalText({ message, details }: KnockError): string {
  const issues: readonly Issue[] = "issues" in details ? details.issues : [];
  const listed = issues.slice(0, LISTED).map(({ path, message: problem }) => `${path.join(".")}: ${problem}`);
  return [message, listed.join("; ")].filter(Boolean).join(" ");
}
