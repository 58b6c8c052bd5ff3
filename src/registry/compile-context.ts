// What the compiler carries through one workflow: what is known, what was found wrong.
import type { z } from "zod";
import type { JsonObject } from "../base/canonical-json.ts";
import type { CallSite } from "../definition/call-site.ts";
import type { Condition } from "../definition/conditions.ts";
import { isCode, type LabelledCode } from "../definition/code.ts";
import { toCondition } from "../definition/condition-builders.ts";
import { conditionSchema } from "../definition/condition-schema.ts";
import { record } from "../definition/selector.ts";
import type { When } from "../definition/steps/channel.ts";
import type { SendWindow } from "../definition/send-window.ts";
import type { WorkflowDefinition } from "../definition/workflow.ts";
import { unknownPath, type KnownPaths } from "./known-paths.ts";
import type { StepContent } from "./content-table.ts";
import type { Problem } from "./problem.ts";
import type { ToMarkup } from "./react.ts";
import type { KnownStep } from "./step-results.ts";

/** A channel as the compiler sees it. */
export interface ChannelKey {
  key: string;
  type: string;
}

/** What is the same for every workflow of a project. */
export interface CompileOptions {
  /** The properties of users, from the config. */
  users: z.ZodObject | null;
  /** Each workflow keeps the users schema that it is bound to: they come from different deploys. Default: `false`. */
  ownUsers?: boolean;
  channels: readonly ChannelKey[];
}

/** The state of compiling one workflow. */
export interface CompileContext {
  workflow: string;
  options: CompileOptions;
  known: KnownPaths & { steps: Map<string, KnownStep> };
  problems: Problem[];
  slots: Map<string, StepContent>;
  codes: Map<string, (scope: never) => boolean>;
  schemas: Map<string, z.ZodType>;
  /** Where each step was written, by ref. */
  sites: Map<string, CallSite | null>;
  /** The workflows that steps notify. */
  notified: { place: Place; key: string }[];
  /** Makes HTML of React elements, when the workflow brings its own React. */
  toMarkup: ToMarkup | undefined;
  /** Send windows that were checked already: one may stand for many steps. */
  sendWindows: Map<SendWindow, SendWindow | null>;
}

/** A place that a problem belongs to. */
export interface Place {
  ref: string | null;
  site: CallSite | null;
}

/** The state at the beginning of a workflow. */
export const contextFor = (
  { key, toMarkup }: WorkflowDefinition,
  options: CompileOptions,
  users: JsonObject | null,
): CompileContext => ({
  workflow: key,
  toMarkup,
  options,
  known: { data: {}, users, steps: new Map(), failure: false },
  problems: [],
  slots: new Map(),
  codes: new Map(),
  schemas: new Map(),
  sites: new Map(),
  notified: [],
  sendWindows: new Map(),
});

/** Notes a problem. */
export function report(context: CompileContext, { ref, site }: Place, message: string, fix: string): void {
  context.problems.push({ workflow: context.workflow, step: ref, message, fix, site });
}

function refsIn(condition: Condition): string[] {
  switch (condition.op) {
    case "all":
    case "any":
      return condition.of.flatMap(refsIn);
    case "not":
      return refsIn(condition.of);
    case "code":
      return [];
    default:
      return "to" in condition && "ref" in condition.to ? [condition.ref, condition.to.ref] : [condition.ref];
  }
}

function compileCode(context: CompileContext, place: Place, { label, decide }: LabelledCode<never>): Condition {
  const known = context.codes.get(label);
  if (known && known !== decide) {
    report(context, place, `the label "${label}" is used by another code()`, "give each code() its own label");
  }
  context.codes.set(label, decide);
  return { op: "code", label };
}

/** A condition as data: the selector is recorded, labelled code is put aside under its label. */
export function compileWhen(context: CompileContext, place: Place, when: When<never> | undefined): Condition | null {
  if (when === undefined) return null;
  if (isCode(when)) return compileCode(context, place, when);
  const recorded = record(when);
  if (!recorded.ok) {
    report(context, place, recorded.problem, recorded.fix);
    return null;
  }
  const { data: condition, error } = conditionSchema.safeParse(toCondition(recorded.result));
  if (!condition) {
    const [issue] = error.issues;
    const message =
      issue?.path.length === 0
        ? "the selector does not return a condition"
        : `the condition is not valid: ${issue?.message}`;
    report(context, place, message, "return eq(…), all(…), not(…) or a boolean reference");
    return null;
  }
  for (const path of refsIn(condition)) {
    const problem = unknownPath(path.split("."), context.known);
    if (problem) report(context, place, `the condition reads ${problem}`, "correct the path, or add it to the schema");
  }
  return condition;
}
