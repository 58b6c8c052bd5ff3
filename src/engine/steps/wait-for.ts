import type { Json, JsonObject } from "../../base/canonical-json.ts";
import { derivedId } from "../../base/ids.ts";
import { durationMs } from "../../base/duration.ts";
import { readPath } from "../../definition/read-path.ts";
import type { ChannelResult } from "../../definition/scope.ts";
import type { Awaited, WaitForStep } from "../../registry/structure.ts";
import { matchText } from "../match-text.ts";
import { eventOf, hasReached } from "../moments.ts";
import type { Effect, StepResult } from "../run.ts";
import {
  answerTo,
  refusedBy,
  skipped,
  windowEnd,
  type Position,
  type Reach,
  type StepContext,
} from "./step-context.ts";

const REACH: Reach = { longest: durationMs("30d"), tooFar: "the end is more than 30 days away" };

type OnEvent = Extract<Awaited, { event: string }>;
type OnMessage = Extract<Awaited, { message: string }>;

const nameOf = (on: Awaited) => ("event" in on ? `"${on.event}"` : `"${on.message}" ${on.status}`);

function matched({ on, onMatch }: WaitForStep, event: JsonObject | null): StepResult {
  const left = { matched: true, timedOut: false, event };
  if (onMatch === "halt") return { outcome: "halted", code: "MATCHED", reason: `${nameOf(on)} happened`, left };
  return { outcome: "done", reason: `${nameOf(on)} happened`, left };
}

function timedOut({ on, onTimeout, timedOut: way }: WaitForStep, { next }: Position): StepResult {
  const left = { matched: false, timedOut: true, event: null };
  const reason = `${nameOf(on)} did not happen in time`;
  const first = way?.[0]?.ref;
  if (first !== undefined) return { outcome: "done", next: first, reason, left };
  if (onTimeout === "halt") return { outcome: "halted", code: "TIMED_OUT", reason, left };
  return { outcome: "done", next, reason, left };
}

/** Waits until the step's window ends, unless something happens before. */
function wait(
  step: WaitForStep,
  effect: Omit<Extract<Effect, { kind: "await" }>, "kind" | "step">,
  context: StepContext,
): StepResult {
  const end = windowEnd(step.timeout, context, REACH);
  if ("outcome" in end) return end;
  const { at: until, ...read } = end;
  return {
    outcome: "waiting",
    until,
    reason: `for ${nameOf(step.on)}`,
    ...read,
    effects: [{ kind: "await", step: step.ref, ...effect }],
  };
}

const matchOf = ({ match }: OnEvent, { scope }: StepContext): JsonObject =>
  Object.fromEntries(
    Object.entries(match).map(([key, wanted]) => [
      key,
      "path" in wanted ? ((readPath(scope, wanted.path) ?? null) as Json) : wanted.value,
    ]),
  );

const noMessage = ({ message }: OnMessage) => skipped("NO_MESSAGE", `"${message}" made no message`);

/** The message as it stands now decides first; only what has not become of it yet is waited for. */
function forMessage(step: WaitForStep & { on: OnMessage }, context: StepContext, position: Position): StepResult {
  const { on } = step;
  const { run, scope } = context;
  const id = derivedId(run.id, on.message);
  const event = eventOf(on.status);
  const known = scope.steps[on.message] as ChannelResult | undefined;
  const answer = answerTo("message", context);
  if (answer?.message && hasReached(answer.message, on.status)) return matched(step, null);
  if (run.state.waited)
    return answer ? timedOut(step, position) : { outcome: "asks", request: { kind: "message", id } };
  if (!known || known.skipped) return noMessage(on);
  // Made by this very passage: nobody else can have seen it yet.
  if (!run.messages.has(on.message)) {
    const already = on.status in known && known[on.status as keyof ChannelResult];
    return already ? matched(step, null) : wait(step, { event, match: id }, context);
  }
  if (!answer) return { outcome: "asks", request: { kind: "message", id } };
  return answer.message ? wait(step, { event, match: id }, context) : noMessage(on);
}

const isForMessage = (step: WaitForStep): step is WaitForStep & { on: OnMessage } => "message" in step.on;

/** Waits for an event, or for what becomes of a message, at most until its window ends. */
export function waitFor(step: WaitForStep, context: StepContext, position: Position): StepResult {
  const { reply, waited } = context.run.state;
  if (reply?.ok) return matched(step, isForMessage(step) ? null : reply.value);
  const refused = waited || context.answer ? null : refusedBy(step.when, context);
  if (refused) return refused;
  if (isForMessage(step)) return forMessage(step, context, position);
  if (waited) return timedOut(step, position);
  const { event, ...on } = step.on as OnEvent;
  return wait(step, { event, match: matchText(matchOf({ event, ...on }, context)) }, context);
}
