// The heart: one run goes on until it ends, must wait, or has to ask. A pure function of what it is given,
// so production, simulation and tests cannot differ, and a chunk of hundreds needs no I/O in between.
import { durationMs } from "../base/duration.ts";
import { messageOf } from "../base/message-of.ts";
import type { Planned } from "../registry/plan.ts";
import type { RunState, TraceEntry } from "../store/schema/runs.ts";
import {
  FinalFailure,
  Retired,
  type Advanced,
  type Answer,
  type Effect,
  type MessageSnapshot,
  type NewMessage,
  type RunInput,
  type StepResult,
  type World,
} from "./run.ts";
import { channelResult, controlResult, isChannel, recipientOf, scopeOf, type RunScope } from "./run-scope.ts";
import { execute } from "./steps/index.ts";
import { decide, skipped } from "./steps/step-context.ts";
import { batchOfOne } from "./batches/alone.ts";
import { entryOf, note, readable } from "./trace.ts";

/** The ref under which the workflow's own condition is recorded; no step may have it. */
const BEFORE_ALL = "when";

/** Characters of what went wrong. */
const LONGEST_PROBLEM = 1_000;

/**
 * Tries of a failing step in total, the wait before the second one, and how much longer each further wait is than
 * the one before, unless the step says otherwise.
 */
const RETRY = { attempts: 3, backoff: durationMs("10s"), growth: 4 };

/** A service that is down needs longer than code that failed. */
const FETCH_RETRY = { attempts: 3, backoff: durationMs("30s"), growth: 2 };

const LONGEST_BACKOFF = durationMs("1d");

type Settled = Exclude<StepResult, { outcome: "asks" }>;

interface Passage {
  run: RunInput;
  world: World;
  scope: RunScope;
  trace: TraceEntry[];
  messages: NewMessage[];
  effects: Effect[];
  state: RunState;
}

const made = (message: NewMessage): MessageSnapshot => ({
  status: message.status,
  seen: false,
  read: false,
  interacted: false,
  clicked: false,
  archived: false,
});

/** The state without what belongs to the step at hand alone. */
function forget({ attempts: _attempts, waited: _waited, reply: _reply, ...state }: RunState): RunState {
  return state;
}

type Leaving = Omit<Advanced, "trace" | "messages" | "effects">;

const leave = ({ trace, messages, effects }: Passage, how: Leaving): Advanced => ({ ...how, trace, messages, effects });

/** The end of the run. One that is on the way after a failure stays failed, and keeps what it needs to be run again. */
function ended(passage: Passage, status: "completed" | "halted" | "failed"): Advanced {
  const state = forget(passage.state);
  const final = state.failure ? "failed" : status;
  return leave(passage, { status: final, step: state.failure?.step ?? null, wakeAt: null, state, asks: null });
}

function noteOf({ trace, world }: Passage, entry: Omit<TraceEntry, "at">): void {
  note(trace, entry, world.now);
}

/** A failure for good: what `onFailure` describes is done, once. */
function failedForGood(passage: Passage, ref: string, reason: string): Advanced {
  const { failure } = passage.world.plan;
  const again = passage.state.failure !== undefined;
  passage.state = { ...forget(passage.state), failure: passage.state.failure ?? { step: ref, reason } };
  passage.scope.failure = passage.state.failure!;
  return again || failure === null ? ended(passage, "failed") : walk(passage, failure, null);
}

function failed(passage: Passage, { ref, kind }: { ref: string; kind: string }, thrown: unknown): Advanced {
  const { world, state } = passage;
  const step = world.plan.byRef.get(ref)?.step;
  const own = step && "retry" in step ? step.retry : null;
  const { attempts, backoff, growth } = { ...(kind === "fetch" && !own ? FETCH_RETRY : RETRY), ...own };
  const failures = (state.attempts ?? 0) + 1;
  const final = thrown instanceof FinalFailure;
  const problem = messageOf(thrown).slice(0, LONGEST_PROBLEM);
  const counted = `attempt ${failures} of ${attempts} failed: ${problem}`.slice(0, LONGEST_PROBLEM);
  const reason = final ? problem : counted;
  noteOf(passage, { ref, kind, outcome: "failed", code: "STEP_FAILED", reason });
  // Without the count: people may read it, in what `onFailure` sends.
  if (final || failures >= attempts) return failedForGood(passage, ref, problem);
  const wait = Math.min(LONGEST_BACKOFF, backoff * growth ** (failures - 1));
  const wakeAt = new Date(world.now.getTime() + wait);
  return leave(passage, {
    status: "waiting",
    step: ref,
    wakeAt,
    state: { ...forget(state), attempts: failures },
    asks: null,
  });
}

function switchedOff(passage: Passage, ref: string): Advanced {
  const kind = passage.world.plan.byRef.get(ref)?.step.kind ?? "condition";
  const reason = "the workflow was switched off when the run woke";
  noteOf(passage, { ref, kind, outcome: "halted", code: "WORKFLOW_INACTIVE", reason });
  // The run carried a batch that may still be open: what comes after the workflow is on again begins another.
  const batchId = passage.state.results?.[ref]?.batch;
  if (kind === "batch" && typeof batchId === "string") passage.effects.push({ kind: "endBatch", batchId });
  return ended(passage, "halted");
}

function admitted(passage: Passage): boolean {
  const { run, world, scope } = passage;
  const { when } = world.plan.structure;
  if (!when) return true;
  const entry = { ref: BEFORE_ALL, kind: "condition" };
  try {
    const { holds, reason, values } = decide(when, { run, world, scope, answer: null });
    noteOf(passage, { ...entry, outcome: holds ? "done" : "halted", reason, values: readable(values) });
    return holds;
  } catch (thrown) {
    if (!(thrown instanceof Retired)) throw thrown;
    // Whether this person should get anything cannot be told any more.
    noteOf(passage, { ...entry, outcome: "halted", code: "RETIRED", reason: thrown.message });
    return false;
  }
}

/** Keeps what a step left, for later steps and, where it is not found again otherwise, for later passages. */
function keep(passage: Passage, { step: { ref, kind } }: Planned, result: Settled): void {
  const { left, outcome, effects, recipient } = result;
  if (effects) passage.effects.push(...effects);
  if (recipient) {
    passage.run = { ...passage.run, recipient, known: true };
    passage.scope.recipient = recipientOf(recipient, passage.state.membership);
  }
  if (left) passage.state = { ...passage.state, results: { ...passage.state.results, [ref]: left } };
  const message = outcome === "done" ? result.message : undefined;
  if (message) passage.messages.push(message);
  const kept = passage.state.results?.[ref];
  const batch = (outcome === "done" ? result.batch : undefined) ?? batchOfOne(kept, passage.run.notification);
  passage.scope.steps[ref] = isChannel(kind)
    ? channelResult(message && made(message))
    : controlResult({ kind, skipped: outcome === "skipped", left: kept, batch });
}

/** The run waits, or goes no further. `null` when it goes on. */
function rest(passage: Passage, ref: string, result: Settled): Advanced | null {
  switch (result.outcome) {
    case "waiting": {
      const state = { ...passage.state, waited: true };
      return leave(passage, { status: "waiting", step: ref, wakeAt: result.until, state, asks: null });
    }
    case "joined":
      return ended(passage, "completed");
    case "halted":
      return ended(passage, "halted");
    default:
      return null;
  }
}

/** Goes from a step as far as it gets; `answer` is for the first one. */
function walk(passage: Passage, from: string | null, answer: Answer | null): Advanced {
  let ref = from;
  let given = answer;
  while (ref !== null) {
    const planned = passage.world.plan.byRef.get(ref);
    if (!planned) break;
    const { run, world, scope, state } = passage;
    let result: StepResult;
    try {
      result = execute(planned, { run: { ...run, state }, world, scope, answer: given });
    } catch (thrown) {
      if (!(thrown instanceof Retired)) return failed(passage, planned.step, thrown);
      result = skipped("RETIRED", thrown.message);
    }
    given = null;
    if (result.outcome === "asks") {
      const at = ref;
      const asks = { request: result.request, proceed: (reply: Answer) => walk(passage, at, reply) };
      return leave(passage, { status: "waiting", step: at, wakeAt: null, state, asks });
    }
    noteOf(passage, entryOf(planned.step, result));
    keep(passage, planned, result);
    const resting = rest(passage, ref, result);
    if (resting) return resting;
    passage.state = forget(passage.state);
    ref = "next" in result && result.next !== undefined ? result.next : planned.next;
  }
  return ended(passage, "completed");
}

/** Takes a run from where it stands to where it ends, must wait, or has to ask. */
export function advance(run: RunInput, world: World): Advanced {
  const passage: Passage = {
    run,
    world,
    scope: scopeOf(run, world),
    trace: [...run.trace],
    messages: [],
    effects: [],
    state: run.state,
  };
  if (run.step === null || run.step === BEFORE_ALL) {
    try {
      if (!admitted(passage)) return ended(passage, "halted");
    } catch (thrown) {
      return failed(passage, { ref: BEFORE_ALL, kind: "condition" }, thrown);
    }
  }
  if (!world.active && run.step !== null) return switchedOff(passage, run.step);
  return walk(passage, run.step === null || run.step === BEFORE_ALL ? world.plan.first : run.step, null);
}
