// Steps in time: those that wait, collect or count.
import { nearest } from "../base/nearest.ts";
import { isChannelKind } from "../definition/steps/channel.ts";
import type {
  BatchStepDefinition,
  DelayStepDefinition,
  StepDefinition,
  ThrottleStepDefinition,
  WaitForStepDefinition,
} from "../definition/steps/index.ts";
import { MESSAGE_EVENTS, messageMoments, type AwaitedMessage } from "../definition/steps/wait-for.ts";
import type { Window } from "../definition/window.ts";
import { compileWhen, report, type CompileContext } from "./compile-context.ts";
import { compileKey, compileMatch } from "./compile-reference.ts";
import { checkChoice, checkWhole } from "./compile-settings.ts";
import { compileDuration, compileWindow, LONGEST_WAIT } from "./compile-window.ts";
import type { Awaited, BatchStep, DelayStep, Step, ThrottleStep, WaitForStep } from "./structure.ts";

const DAY = 86_400_000;
const LONGEST_THROTTLE = 31 * DAY;
const LONGEST_TIMEOUT = 30 * DAY;
const LONGEST_EVENT_NAME = 255;
const MOST_ITEMS = 1_000;

/** A delay as structure. */
export function compileDelay(context: CompileContext, step: DelayStepDefinition): DelayStep {
  const { when, ...settings } = step.settings;
  const window = ("for" in settings ? settings.for : settings) as Window<never>;
  const limits = { longest: LONGEST_WAIT, orNothing: true };
  return {
    kind: "delay",
    ref: step.ref,
    when: compileWhen(context, step, when),
    wait: compileWindow(context, step, window, limits),
  };
}

function compileSliding(context: CompileContext, step: BatchStepDefinition): BatchStep["sliding"] {
  const { sliding, window } = step.settings;
  if (sliding === undefined) return null;
  if (typeof window !== "string")
    report(
      context,
      step,
      "a sliding batch has a window that is no duration",
      'write window: "5m", or leave sliding out',
    );
  if (sliding?.limit === undefined) {
    report(context, step, "a sliding batch has no limit and might never close", 'write sliding: { limit: "1h" }');
    return null;
  }
  return { limit: compileDuration(context, step, sliding.limit, { name: "sliding.limit", longest: LONGEST_WAIT }) };
}

/** A batch as structure. */
export function compileBatch(context: CompileContext, step: BatchStepDefinition): BatchStep {
  const { settings } = step;
  const { maxItems, order = "asc", take = 10 } = settings;
  if (maxItems !== undefined) checkWhole(context, step, { maxItems }, [2, MOST_ITEMS]);
  checkWhole(context, step, { take }, [1, MOST_ITEMS]);
  checkChoice(context, step, { order }, ["asc", "desc"]);
  return {
    kind: "batch",
    ref: step.ref,
    when: compileWhen(context, step, settings.when),
    key: compileKey(context, step, "key", settings.key),
    window: compileWindow(context, step, settings.window, { name: "window", longest: LONGEST_WAIT }),
    sliding: compileSliding(context, step),
    maxItems: maxItems ?? null,
    order,
    take,
    flushLeading: settings.flushLeading ?? false,
  };
}

/** A throttle as structure. */
export function compileThrottle(context: CompileContext, step: ThrottleStepDefinition): ThrottleStep {
  const { settings } = step;
  const { limit = 1, onBreach = "halt" } = settings;
  checkWhole(context, step, { limit }, [1, Number.MAX_SAFE_INTEGER]);
  checkChoice(context, step, { onBreach }, ["halt", "skip"]);
  return {
    kind: "throttle",
    ref: step.ref,
    when: compileWhen(context, step, settings.when),
    key: compileKey(context, step, "key", settings.key),
    window: compileWindow(context, step, settings.window, { name: "window", longest: LONGEST_THROTTLE }),
    limit,
    onBreach,
  };
}

function awaitedMessage(context: CompileContext, step: WaitForStepDefinition, on: AwaitedMessage<string>): Awaited {
  const { message, status } = on;
  checkChoice(context, step, { status }, messageMoments);
  const awaited = context.known.steps.get(message);
  const makers = [...context.known.steps].filter(([, { kind }]) => isChannelKind(kind)).map(([ref]) => ref);
  if (!awaited || !isChannelKind(awaited.kind)) {
    const near = nearest(message, makers);
    const problem = awaited
      ? `the step "${message}" makes no message`
      : `there is no step "${message}" before this one`;
    report(context, step, problem, near ? `did you mean "${near}"?` : "name a channel step that stands before");
  } else if (awaited.kind === "inApp" && (status === "bounced" || status === "undelivered")) {
    const fix = "wait for seen, read, interacted, clicked or archived";
    report(context, step, `a message in the feed is never ${status}`, fix);
  }
  return { message, status };
}

function compileAwaited(context: CompileContext, step: WaitForStepDefinition): Awaited {
  const { settings } = step;
  const given = settings as { event?: unknown; message?: unknown };
  if ((given.event === undefined) === (given.message === undefined)) {
    const message =
      given.event === undefined ? "the wait is for nothing" : "the wait is for an event and for a message";
    report(context, step, message, 'give it event: "…", or message: "…" and status: "…"');
  }
  if ("message" in settings) return awaitedMessage(context, step, settings);
  const { event, match } = settings;
  if (event !== undefined && (typeof event !== "string" || event === "" || event.length > LONGEST_EVENT_NAME))
    report(context, step, "the name of the event is not a text of 1 to 255 characters", 'write event: "invoice-paid"');
  else if (event?.startsWith(MESSAGE_EVENTS)) {
    const fix = 'give it message: "<ref of a channel step>" and status: "…", or rename the event';
    report(context, step, `no event can be named "${event}": what begins with "${MESSAGE_EVENTS}" is taken`, fix);
  }
  return { event, match: compileMatch(context, step, match) };
}

/** A wait as structure. */
export function compileWaitFor(
  context: CompileContext,
  step: WaitForStepDefinition,
  compileWay: (steps: readonly StepDefinition[]) => Step[],
): WaitForStep {
  const { settings, timedOut } = step;
  const { onMatch = "continue", onTimeout = "continue" } = settings;
  checkChoice(context, step, { onMatch, onTimeout }, ["continue", "halt"]);
  if (timedOut && onTimeout === "halt")
    report(context, step, "the run halts at the timeout and never takes the way of timedOut", "leave one of them out");
  return {
    kind: "waitFor",
    ref: step.ref,
    when: compileWhen(context, step, settings.when),
    on: compileAwaited(context, step),
    timeout: compileWindow(context, step, settings.timeout, { name: "timeout", longest: LONGEST_TIMEOUT }),
    onMatch,
    onTimeout,
    timedOut: timedOut && compileWay(timedOut),
  };
}
