// Which references exist in a workflow, so that a misspelt variable is found before anyone is notified.
import type { JsonObject } from "../base/canonical-json.ts";
import { nearest } from "../base/nearest.ts";
import { hasPath } from "./json-schema.ts";

const PERSON = ["id", "name", "email", "phoneNumber", "avatar", "locale", "timezone"];
const ROOTS = ["data", "recipient", "actor", "tenant", "workflow", "steps", "now"];
const CHANNEL_RESULT = ["skipped", "sent", "delivered", "seen", "read", "interacted", "clicked", "archived"];

/** What a path is checked against. */
export interface KnownPaths {
  data: JsonObject;
  /** JSON Schema of the users' own properties; `null` when the project states none, then any is allowed. */
  users: JsonObject | null;
  /** Refs of the steps before this one. */
  refs: readonly string[];
}

const amiss = (path: readonly string[], near: string | null) =>
  `${path.join(".")}, which does not exist${near ? `; did you mean ${near}?` : ""}`;

function person(path: readonly string[], users: JsonObject | null, extra: string[]): string | null {
  const [root, property, ...rest] = path;
  if (property === undefined || [...PERSON, ...extra].includes(property)) return null;
  if (users === null || hasPath(users, [property, ...rest])) return null;
  const near = nearest(property, [...PERSON, ...Object.keys((users.properties as JsonObject | undefined) ?? {})]);
  return amiss(path, near && `${root}.${near}`);
}

/** What is wrong with a path, as a sentence, or `null` when it can exist. */
export function unknownPath(path: readonly string[], known: KnownPaths): string | null {
  const [root, ...rest] = path;
  if (root === undefined || !ROOTS.includes(root)) return amiss(path, nearest(root ?? "", ROOTS));
  if (root === "data" && !hasPath(known.data, rest)) {
    const near = nearest(rest[0] ?? "", Object.keys((known.data.properties as JsonObject | undefined) ?? {}));
    return amiss(path, near && near !== rest[0] ? `data.${near}` : null);
  }
  if (root === "recipient") return person(path, known.users, ["membership"]);
  if (root === "actor") return person(path, known.users, []);
  if (root === "steps" && rest[0] !== undefined) {
    if (!known.refs.includes(rest[0])) return amiss(path, nearest(rest[0], known.refs));
    if (rest[1] !== undefined && !CHANNEL_RESULT.includes(rest[1]))
      return amiss(path, nearest(rest[1], CHANNEL_RESULT));
  }
  return null;
}
