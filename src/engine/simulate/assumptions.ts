// What callers say about the world outside, checked.
import { z } from "zod";
import type { Issue } from "../../base/errors.ts";
import { parseDuration } from "../../base/duration.ts";
import { nearest } from "../../base/nearest.ts";
import { jsonProblem } from "../../base/stored-json.ts";
import type { Registry } from "../../registry/registry.ts";
import { messageMoments } from "../../registry/structure.ts";
import { isChannel } from "../run-scope.ts";
import type { Assumptions } from "./contract.ts";
import { planFor } from "./stage.ts";

const MOST_EVENTS = 100;

const jsonObject = z.record(z.string(), z.json());

const assumptions = z.strictObject({
  fetch: z
    .record(z.string(), z.strictObject({ status: z.int().min(200).max(599).optional(), data: z.json().optional() }))
    .optional(),
  events: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(255),
        match: jsonObject.optional(),
        data: jsonObject.optional(),
        after: z
          .string()
          .refine((text) => parseDuration(text) !== null, 'must be a duration such as "5m"')
          .optional(),
      }),
    )
    .max(MOST_EVENTS)
    .optional(),
  messages: z.record(z.string(), z.enum(messageMoments)).optional(),
});

const textOf = (part: PropertyKey): string | number => (typeof part === "symbol" ? String(part) : part);

/** What is assumed of the step with this ref, which may be called `constructor`. */
export const assumedOf = <Value>(byRef: Record<string, Value> | undefined, ref: string): Value | undefined =>
  byRef && Object.hasOwn(byRef, ref) ? byRef[ref] : undefined;

/** Refs that no step has. A simulation may reach any workflow: its steps start others. */
function refIssues({ fetch = {}, messages = {} }: Assumptions, registry: Registry): Issue[] {
  const asked = { fetch: Object.keys(fetch), messages: Object.keys(messages) };
  if (asked.fetch.length + asked.messages.length === 0) return [];
  const steps = [...registry.keys()].flatMap((key) =>
    [...planFor({ registry }, key).byRef.values()].map(({ step }) => step),
  );
  const known = {
    fetch: new Set(steps.flatMap(({ kind, ref }) => (kind === "fetch" ? [ref] : []))),
    messages: new Set(steps.flatMap(({ kind, ref }) => (isChannel(kind) ? [ref] : []))),
  };
  const what = { fetch: "makes a call", messages: "makes a message" };
  return (["fetch", "messages"] as const).flatMap((part) =>
    asked[part].flatMap((ref) => {
      if (known[part].has(ref)) return [];
      const meant = nearest(ref, known[part]);
      const message = `no step of this name ${what[part]}${meant === null ? "" : `; did you mean "${meant}"?`}`;
      return [{ path: ["assume", part, ref], message, code: "unknown_ref" }];
    }),
  );
}

/** Everything wrong with assumptions, each with its path. */
export function assumptionIssues(given: unknown, registry: Registry): Issue[] {
  const problem = jsonProblem(given);
  if (problem) return [{ ...problem, path: ["assume", ...problem.path] }];
  const { error } = assumptions.safeParse(given);
  if (!error) return refIssues(given as Assumptions, registry);
  return error.issues.map(({ path, message, code }) => ({
    path: ["assume", ...path.map(textOf)],
    message,
    code: code ?? "custom",
  }));
}
