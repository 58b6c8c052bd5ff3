// The words in which differences are told: values as JSON, shortened where they are long, and paths.
import { canonicalJson, type Json } from "../../base/canonical-json.ts";

const LONGEST = 60;
/** Characters that are shown before and behind what differs in two long texts. */
const AROUND = 12;

const clip = (text: string, longest = LONGEST): string =>
  text.length > longest ? `${text.slice(0, longest - 1).toWellFormed()}…` : text;

/** A value as JSON, shortened: `"en"`, `[1,2]`. */
export const quoted = (value: Json): string => clip(canonicalJson(value));

/** Values as a list: `"a", "b"`. */
export const listed = (values: readonly Json[]): string => values.map(quoted).join(", ");

function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

const reversed = (text: string): string => text.split("").toReversed().join("");

/** The middle of a text, with a little of what stands around it. */
function middle(text: string, ahead: number, behind: number): string {
  const from = ahead > AROUND * 2 ? ahead - AROUND : 0;
  const until = behind > AROUND * 2 ? text.length - behind + AROUND : text.length;
  return `${from > 0 ? "…" : ""}${clip(text.slice(from, until).toWellFormed())}${until < text.length ? "…" : ""}`;
}

/** Two texts that differ, long ones only where they do: `…in the end of it`, `…in the middle of it`. They never read alike. */
export function shortened(before: string, after: string): [string, string] {
  if (before.length <= LONGEST && after.length <= LONGEST) return [before, after];
  const ahead = commonLength(before, after);
  const behind = commonLength(reversed(before.slice(ahead)), reversed(after.slice(ahead)));
  return [middle(before, ahead, behind), middle(after, ahead, behind)];
}

const NAME = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;

/** The path of a member: `data.invitee`, `data["two words"]`. */
export const memberPath = (path: string, name: string): string =>
  NAME.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
