// What callers say about the world outside, checked.
import { z } from "zod";
import type { Issue } from "../../base/errors.ts";
import { parseDuration } from "../../base/duration.ts";
import { jsonProblem } from "../../base/stored-json.ts";
import { messageMoments } from "../../registry/structure.ts";
import type { Assumptions } from "./contract.ts";

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

/** Everything wrong with assumptions, each with its path. */
export function assumptionIssues(given: unknown): Issue[] {
  const problem = jsonProblem(given);
  if (problem) return [{ ...problem, path: ["assume", ...problem.path] }];
  return (assumptions.safeParse(given).error?.issues ?? []).map(({ path, message, code }) => ({
    path: ["assume", ...path.map(textOf)],
    message,
    code: code ?? "custom",
  }));
}

/** Whether a value can be the assumptions of a simulation. */
export const areAssumptions = (given: unknown): given is Assumptions => assumptionIssues(given).length === 0;
