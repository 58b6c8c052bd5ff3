// What became of each step of a workflow in one run. Pure.
import { derivedId } from "../../base/ids.ts";
import type { Step, Structure } from "../../registry/structure.ts";
import type { BatchRead } from "../../store/reads/batches.ts";
import type { AttemptRead, MessageRead } from "../../store/reads/messages.ts";
import type { RunRead } from "../../store/reads/runs.ts";
import type { TraceEntry } from "../../store/schema/runs.ts";
import { isChannel } from "../run-scope.ts";
import type { ExplainedBatch, ExplainedMessage, ExplainedStep } from "./explanation.ts";
import { type Cause, causeOfWay, namedWays, stopOf } from "./unreached.ts";
import { addressWords, preferenceWords } from "./words.ts";

/** What was read for runs; a map has nothing of what is no longer kept. */
export interface Records {
  batches: ReadonlyMap<string, BatchRead>;
  /** Runs that carry batches which others joined. */
  carriers: ReadonlyMap<string, RunRead>;
  messages: ReadonlyMap<string, MessageRead>;
  attempts: ReadonlyMap<string, AttemptRead[]>;
}

/** Ids of the messages that a run made, by its trace. */
export const messageIdsOf = ({ id, trace }: RunRead): string[] =>
  trace.flatMap(({ ref, kind, outcome }) => (outcome === "done" && isChannel(kind) ? [derivedId(id, ref)] : []));

/** Ids of the batches that a run opened or joined. */
export const batchIdsOf = ({ state }: RunRead): string[] =>
  Object.values(state.results ?? {}).flatMap(({ batch }) => (typeof batch === "string" ? [batch] : []));

function messageOf(id: string, { messages, attempts }: Records): ExplainedMessage | null {
  const found = messages.get(id);
  if (!found) return null;
  const { runId: _run, notificationId: _notification, recipientId: _recipient, content: _content, ...message } = found;
  const { workflow: _workflow, tenantId: _tenant, attempts: _count, address, ...kept } = message;
  const tries = (attempts.get(id) ?? []).map(({ messageId: _message, ...attempt }) => attempt);
  return { ...kept, address: addressWords(kept.channelType, address), attempts: tries };
}

function batchOf(ref: string, run: RunRead, records: Records): ExplainedBatch | null {
  const id = run.state.results?.[ref]?.batch;
  const found = typeof id === "string" ? records.batches.get(id) : undefined;
  if (!found) return null;
  const { count, openedAt, closesAt, closedAt, runId } = found;
  const own = runId === run.id;
  // A cancel takes the activity out, and hands the batch on to another run of those in it.
  const left = run.status === "cancelled" && !own;
  const batch = { id: found.id, count, openedAt, closesAt, closedAt, left };
  if (runId === null) return { ...batch, carrier: null };
  const carrier = own ? run : records.carriers.get(runId);
  const messages = own || !carrier ? [] : messageIdsOf(carrier).flatMap((each) => messageOf(each, records) ?? []);
  const { notificationId = null, status = null } = carrier ?? {};
  return { ...batch, carrier: { runId, own, notificationId, status, messages } };
}

/** Why a step did what it says, where nothing had to be decided. */
const plainly: Partial<Record<TraceEntry["outcome"], string>> = {
  done: "it did what it says",
  skipped: "it was left out",
  waiting: "it waits",
  joined: "it joined a batch",
  halted: "it ended the run",
  failed: "it failed without a word",
  cancelled: "it was cancelled",
};

function doneWords(entry: TraceEntry, structure: Structure | null): string[] {
  if (entry.kind === "delay") return ["the wait is over"];
  if (!isChannel(entry.kind)) return [];
  const [decided] = entry.preferences ?? [];
  if (decided) return [`preferences allow it: ${preferenceWords(decided)}`];
  return [
    structure?.required ? "the workflow is required, so preferences do not apply" : "no preference speaks against it",
  ];
}

interface Explaining {
  run: RunRead;
  structure: Structure | null;
  records: Records;
  /** The run's decisions, by ref. */
  entries: ReadonlyMap<string, TraceEntry[]>;
  steps: ExplainedStep[];
}

function addDecided(explaining: Explaining, entry: TraceEntry): void {
  const { run, structure, records, steps } = explaining;
  const { ref, kind, outcome, code = null, values = {}, preferences = [], at } = entry;
  const message = outcome === "done" && isChannel(kind) ? messageOf(derivedId(run.id, ref), records) : null;
  const facts = [
    entry.reason,
    ...(outcome === "done" ? doneWords(entry, structure) : []),
    outcome === "done" && isChannel(kind) && !message && "its message is no longer kept",
  ].filter(Boolean);
  const stands = run.status === "waiting" && run.step === ref && (outcome === "waiting" || outcome === "failed");
  steps.push({
    ref,
    kind,
    outcome,
    code,
    reason: facts.length > 0 ? facts.join("; ") : plainly[outcome]!,
    values,
    preferences,
    at: new Date(at),
    until: stands ? run.wakeAt : null,
    batch: kind === "batch" ? batchOf(ref, run, records) : null,
    message,
  });
}

function addUnreached({ steps }: Explaining, { ref, kind }: { ref: string; kind: string }, cause: Cause): void {
  const nothing = { values: {}, preferences: [], at: null, until: null, batch: null, message: null };
  steps.push({ ref, kind, outcome: "unreached", ...cause, ...nothing });
}

/** A throttle that let nobody pass leaves out the step that follows it, if there is one in the same way. */
const leftOutBy = (step: Step | undefined, { entries }: Explaining): Cause | null => {
  const entry = step?.kind === "throttle" ? entries.get(step.ref)?.at(-1) : undefined;
  if (entry?.outcome !== "done" || entry.code !== "THROTTLED") return null;
  return { code: "LEFT_OUT", reason: `"${entry.ref}" left it out: ${entry.reason ?? "too many came"}` };
};

function addSteps(explaining: Explaining, list: readonly Step[], around: { cause: Cause | null; stop: Cause }): void {
  list.forEach((step, index) => {
    const found = explaining.entries.get(step.ref) ?? [];
    const cause = around.cause ?? leftOutBy(list[index - 1], explaining);
    for (const entry of found) addDecided(explaining, entry);
    if (found.length === 0) addUnreached(explaining, step, cause ?? around.stop);
    const decided = found.findLast(({ kind }) => kind === step.kind);
    namedWays(step).forEach((way, nth) => {
      const ofWay = decided ? causeOfWay(step, { way, index: nth }, { entry: decided, run: explaining.run }) : cause;
      addSteps(explaining, way.steps, { cause: ofWay, stop: around.stop });
    });
  });
}

/**
 * Every decision of a run, and every step that it did not reach, in the order in which the workflow has them. A step
 * that was run again has several. Without the structure only decisions are told.
 */
export function explainSteps(run: RunRead, structure: Structure | null, records: Records): ExplainedStep[] {
  const isCancel = ({ kind }: TraceEntry) => kind === "cancel";
  const entries = Map.groupBy(
    run.trace.filter((entry) => !isCancel(entry)),
    ({ ref }) => ref,
  );
  const explaining: Explaining = { run, structure, records, entries, steps: [] };
  const stop = stopOf(run, false);
  if (structure) {
    const first = entries.get("when") ?? [];
    for (const entry of first) addDecided(explaining, entry);
    if (structure.when && first.length === 0) addUnreached(explaining, { ref: "when", kind: "condition" }, stop);
    addSteps(explaining, structure.steps, { cause: null, stop });
    addSteps(explaining, structure.onFailure ?? [], { cause: null, stop: stopOf(run, true) });
  } else for (const entry of [...entries.values()].flat()) addDecided(explaining, entry);
  for (const entry of run.trace.filter(isCancel)) addDecided(explaining, entry);
  return explaining.steps;
}
