import { canonicalJson, hashJson } from "../../base/canonical-json.ts";
import type { Condition } from "../../definition/conditions.ts";
import { evaluate, type Verdict } from "../../definition/evaluate.ts";
import { readPath } from "../../definition/read-path.ts";
import type { Planned } from "../../registry/plan.ts";
import type { Span } from "../../registry/structure.ts";
import { resolveSpan, type ResolvedSpan } from "../time/resolve-span.ts";
import { zoneOf } from "../time/zone-of.ts";
import { Retired, type Answer, type RunInput, type Shared, type StepResult, type World } from "../run.ts";
import type { RunScope } from "../run-scope.ts";

/** What a step executes in. */
export interface StepContext {
  run: RunInput;
  world: World;
  scope: RunScope;
  /** What the step asked for; `null` when it has not asked. */
  answer: Answer | null;
}

/** Where a step stands. */
export type Position = Omit<Planned, "step">;

/**
 * Evaluates a condition of the structure.
 *
 * @throws Retired when it comes to code that is no longer deployed.
 */
export function decide(condition: Condition, { world, scope }: StepContext): Verdict {
  return evaluate(condition, scope, {
    now: world.now,
    code(label) {
      const decision = world.content?.codes.get(label);
      if (!decision) throw new Retired(`the deployed workflow no longer has the code "${label}"`);
      return (decision as (scope: RunScope) => boolean)(scope);
    },
  });
}

/** A step that leaves itself out, with the reason. */
export const skipped = (code: string, reason: string): StepResult => ({ outcome: "skipped", code, reason });

/** What the step's own condition says against it; `null` when it may run. */
export function refusedBy(when: Condition | null, context: StepContext): StepResult | null {
  const verdict = when && decide(when, context);
  return verdict && !verdict.holds ? { ...skipped("CONDITION", verdict.reason), values: verdict.values } : null;
}

/** The answer to a request of a kind, once it is there. */
export const answerTo = <Kind extends Answer["kind"]>(
  kind: Kind,
  { answer }: StepContext,
): Extract<Answer, { kind: Kind }> | null =>
  answer?.kind === kind ? (answer as Extract<Answer, { kind: Kind }>) : null;

/** The values at paths as one text; empty without paths. A value that is missing counts as `null`. */
export const keyText = (paths: readonly string[] | null, { scope }: StepContext): string =>
  paths === null ? "" : canonicalJson(paths.map((path) => readPath(scope, path) ?? null) as never);

/** Characters of a key that is stored as it is; an index takes no longer one. */
const LONGEST_KEY = 200;

/** The memory of a step that all runs of this recipient and key share. */
export const sharedBy = (step: string, key: string, { run, world }: StepContext): Shared => ({
  workflow: world.plan.structure.key,
  step,
  recipientId: run.recipient.id,
  key: key.length <= LONGEST_KEY ? key : hashJson(key),
});

/** The zone in which the recipient lives, as far as it is known. */
export const timezoneFor = ({ run, world }: StepContext): string =>
  zoneOf({ recipient: run.recipient.timezone, tenant: run.notification.tenant, fallback: world.timezone });

/** How far away a window may end. */
export interface Reach {
  /** In milliseconds. */
  longest: number;
  /** The reason when it ends later. */
  tooFar: string;
}

/** A window's end, with the values that say so; the step leaves itself out when there is none within reach. */
export function windowEnd(
  span: Span,
  context: StepContext,
  reach: Reach | null = null,
): Extract<ResolvedSpan, { at: Date }> | Extract<StepResult, { outcome: "skipped" }> {
  const { now } = context.world;
  const end = resolveSpan(span, { scope: context.scope, now, timezone: timezoneFor(context) });
  if ("code" in end) return { outcome: "skipped", ...end };
  const { at, ...read } = end;
  if (reach === null || at.getTime() - now.getTime() <= reach.longest) return end;
  return { outcome: "skipped", code: "WINDOW_TOO_FAR", reason: reach.tooFar, ...read };
}
