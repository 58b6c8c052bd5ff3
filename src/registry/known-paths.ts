// Which references exist in a workflow, so that a misspelt variable is found before anyone is notified.
import type { JsonObject } from "../base/canonical-json.ts";
import { nearest } from "../base/nearest.ts";
import { conditionRoots } from "../definition/conditions.ts";
import { hasPath } from "./json-schema.ts";
import type { KnownStep } from "./step-results.ts";

const PERSON = ["id", "name", "email", "phoneNumber", "avatar", "locale", "timezone"];
const FAILURE = ["step", "reason"];

/** What a path is checked against. */
export interface KnownPaths {
  data: JsonObject;
  /** JSON Schema of the users' own properties; `null` when the project states none, then any is allowed. */
  users: JsonObject | null;
  /** The steps before this one, by ref. */
  steps: ReadonlyMap<string, KnownStep>;
  /** Whether there is a failure to read: in the steps of `onFailure` alone. */
  failure: boolean;
}

const LINKS = ["preferences", "unsubscribe"];

const amiss = (path: readonly string[], near: string | null) =>
  `${path.join(".")}, which does not exist${near ? `; did you mean ${near}?` : ""}`;

const membersOf = (schema: JsonObject | null): string[] =>
  Object.keys((schema?.properties as JsonObject | undefined) ?? {});

/** A path whose first `depth` segments lead to a person. */
function person(path: readonly string[], depth: number, known: KnownPaths, extra: string[]): string | null {
  const [property, ...rest] = path.slice(depth);
  if (property === undefined || [...PERSON, ...extra].includes(property)) return null;
  if (known.users === null || hasPath(known.users, [property, ...rest])) return null;
  const near = nearest(property, [...PERSON, ...membersOf(known.users)]);
  return amiss(path, near && [...path.slice(0, depth), near].join("."));
}

function result(path: readonly string[], known: KnownPaths): string | null {
  const [, ref, member, ...rest] = path;
  if (ref === undefined) return null;
  const step = known.steps.get(ref);
  if (!step) return amiss(path, nearest(ref, known.steps.keys()));
  if (member === undefined) return null;
  const schema = Object.hasOwn(step.members, member) ? step.members[member] : undefined;
  if (schema === undefined) return amiss(path, nearest(member, Object.keys(step.members)));
  if (schema === "person") return person(path, 3, known, []);
  if (hasPath(schema, rest)) return null;
  const near = nearest(rest[0] ?? "", membersOf(schema));
  return amiss(path, near && near !== rest[0] ? `steps.${ref}.${member}.${near}` : null);
}

function data(path: readonly string[], known: KnownPaths): string | null {
  const rest = path.slice(1);
  if (hasPath(known.data, rest)) return null;
  const near = nearest(rest[0] ?? "", membersOf(known.data));
  return amiss(path, near && near !== rest[0] ? `data.${near}` : null);
}

function failure(path: readonly string[], known: KnownPaths): string | null {
  if (!known.failure) return `${path.join(".")}, which is there in the steps of onFailure alone`;
  const [, member, ...rest] = path;
  if (member === undefined || (FAILURE.includes(member) && rest.length === 0)) return null;
  const near = nearest(member, FAILURE);
  return amiss(path, near && near !== member ? `failure.${near}` : null);
}

/** What is wrong with a path, as a sentence, or `null` when it can exist. */
export function unknownPath(path: readonly string[], known: KnownPaths): string | null {
  switch (path[0]) {
    case "data":
      return data(path, known);
    case "recipient":
      return person(path, 1, known, ["membership"]);
    case "actor":
      return person(path, 1, known, []);
    case "steps":
      return result(path, known);
    case "failure":
      return failure(path, known);
    case "tenant":
    case "workflow":
    case "now":
      return null;
    default:
      return amiss(path, nearest(path[0] ?? "", conditionRoots));
  }
}

/** The same for a path that content reads, which also knows links. */
export function unknownInContent(path: readonly string[], known: KnownPaths): string | null {
  const [root = "", member, ...rest] = path;
  if (root === "links") {
    if (member === undefined || (LINKS.includes(member) && rest.length === 0)) return null;
    const near = nearest(member, LINKS);
    return amiss(path, near && near !== member ? `links.${near}` : null);
  }
  const problem = unknownPath(path, known);
  const isRoot = (conditionRoots as readonly string[]).includes(root);
  return problem === null || isRoot ? problem : amiss(path, nearest(root, [...conditionRoots, "links"]));
}
