// The heart: one run goes on until it ends or must wait. A pure function of what it is given, so
// production, simulation and tests cannot differ, and a chunk of hundreds needs no I/O in between.
import { messageOf } from "../base/message-of.ts";
import { durationMs } from "../base/duration.ts";
import { preview } from "../definition/preview.ts";
import type { RunState, TraceEntry } from "../store/schema/runs.ts";
import type { Advanced, MessageSnapshot, NewMessage, RunInput, StepResult, World } from "./run.ts";
import { channelResult, scopeOf, type RunScope } from "./run-scope.ts";
import { execute } from "./steps/index.ts";
import { decide, type StepContext } from "./steps/step-context.ts";

/** The ref under which the workflow's own condition is recorded; no step may have it. */
const BEFORE_ALL = "when";

/** Tries of a failing step in total. */
const ATTEMPTS = 3;

/** Characters of a value that a trace keeps. */
const LONGEST_VALUE = 200;

/** Waits of 10 s and 40 s between the tries. */
const backoff = (failures: number) => durationMs("10s") * 4 ** (failures - 1);

interface Passage extends StepContext {
  trace: TraceEntry[];
  messages: NewMessage[];
  state: RunState;
}

function note(passage: Passage, entry: Omit<TraceEntry, "at">): void {
  const { trace, world } = passage;
  // A step that waited or failed and now goes on keeps one entry: its outcome, not its history.
  const last = trace.at(-1);
  if (last?.ref === entry.ref && (last.outcome === "waiting" || last.outcome === "failed")) trace.pop();
  trace.push({ ...entry, at: world.now.toISOString() });
}

/** Values as they are, but for long ones: a trace is read by people and kept for every run. */
const readable = (values: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(values).map(([path, value]) => [
      path,
      typeof value === "number" || typeof value === "boolean" ? value : shortened(value),
    ]),
  );

function shortened(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" && value.length <= LONGEST_VALUE) return value;
  return preview(value, LONGEST_VALUE);
}

function entryOf(ref: string, kind: string, result: StepResult): Omit<TraceEntry, "at"> {
  const { outcome, code, reason, values } = result;
  return {
    ref,
    kind,
    outcome,
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
    ...(values !== undefined && Object.keys(values).length > 0 && { values: readable(values) }),
  };
}

const made = (message: NewMessage): MessageSnapshot => ({
  status: message.status,
  seen: false,
  read: false,
  interacted: false,
  clicked: false,
  archived: false,
});

function learn(scope: RunScope, ref: string, kind: string, result: StepResult): void {
  const message = "message" in result ? result.message : undefined;
  const isChannel = message !== undefined || (kind !== "delay" && kind !== "branch");
  scope.steps[ref] = isChannel ? channelResult(message && made(message)) : { skipped: result.outcome === "skipped" };
}

function failed(passage: Passage, ref: string, kind: string, thrown: unknown): Advanced {
  const { world, trace, messages, state } = passage;
  const failures = (state.attempts ?? 0) + 1;
  const problem = messageOf(thrown);
  const final = failures >= ATTEMPTS;
  const reason = `attempt ${failures} of ${ATTEMPTS} failed: ${problem}`.slice(0, 1_000);
  note(passage, { ref, kind, outcome: "failed", code: "STEP_FAILED", reason });
  return {
    status: final ? "failed" : "waiting",
    step: ref,
    wakeAt: final ? null : new Date(world.now.getTime() + backoff(failures)),
    state: { ...state, attempts: failures },
    trace,
    messages,
  };
}

const ended = ({ trace, messages, state }: Passage, status: "completed" | "halted"): Advanced => {
  const { attempts: _attempts, waited: _waited, ...rest } = state;
  return { status, step: null, wakeAt: null, state: rest, trace, messages };
};

function switchedOff(passage: Passage, ref: string): Advanced {
  const kind = passage.world.plan.byRef.get(ref)?.step.kind ?? "condition";
  const reason = "the workflow was switched off when the run woke";
  note(passage, { ref, kind, outcome: "halted", code: "WORKFLOW_INACTIVE", reason });
  return ended(passage, "halted");
}

function admitted(passage: Passage): boolean {
  const { when } = passage.world.plan.structure;
  if (!when) return true;
  const verdict = decide(when, passage);
  const outcome = verdict.holds ? "done" : "halted";
  note(passage, {
    ref: BEFORE_ALL,
    kind: "condition",
    outcome,
    reason: verdict.reason,
    values: readable(verdict.values),
  });
  return verdict.holds;
}

/** Takes a run from where it stands to where it ends or must wait. */
export function advance(run: RunInput, world: World): Advanced {
  const passage: Passage = {
    run,
    world,
    scope: scopeOf(run, world),
    trace: [...run.trace],
    messages: [],
    state: run.state,
  };
  let ref = run.step;
  if (ref === null || ref === BEFORE_ALL) {
    try {
      if (!admitted(passage)) return ended(passage, "halted");
    } catch (thrown) {
      return failed(passage, BEFORE_ALL, "condition", thrown);
    }
    ref = world.plan.first;
  }
  if (!world.active && run.step !== null) return switchedOff(passage, run.step);
  while (ref !== null) {
    const planned = world.plan.byRef.get(ref);
    if (!planned) break;
    const { kind } = planned.step;
    let result: StepResult;
    try {
      result = execute(planned, { ...passage, run: { ...run, state: passage.state } });
    } catch (thrown) {
      return failed(passage, ref, kind, thrown);
    }
    note(passage, entryOf(ref, kind, result));
    if (result.outcome === "waiting") {
      const { trace, messages } = passage;
      const state = { ...passage.state, waited: true };
      return { status: "waiting", step: ref, wakeAt: result.until, state, trace, messages };
    }
    learn(passage.scope, ref, kind, result);
    if (result.outcome === "done" && result.message) passage.messages.push(result.message);
    const { attempts: _attempts, waited: _waited, ...state } = passage.state;
    passage.state = state;
    ref = result.outcome === "done" && result.next !== undefined ? result.next : planned.next;
  }
  return ended(passage, "completed");
}
