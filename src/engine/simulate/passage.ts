// One passage in memory: the same pure function advances the runs, and what it decides is kept instead of written.
import { storedForm } from "../../base/stored-json.ts";
import { advance } from "../advance.ts";
import { settleWith } from "../passage.ts";
import type { Advanced, Effect, NewMessage } from "../run.ts";
import type { UserInput } from "../notify-call.ts";
import type { TraceEntry } from "../../store/schema/runs.ts";
import { answerInMemory } from "./answers.ts";
import { endInMemory } from "./batches.ts";
import type { CourseStep } from "./contract.ts";
import { loadRuns } from "./load.ts";
import { assumeOf, assumeSilence } from "./outside.ts";
import type { Stage, StagedMessage, StagedRun } from "./stage.ts";

/** Passages of one run; beyond, it is taken to go round without end. */
const MOST_PASSAGES = 1_000;

const UNSEEN = { seen: false, read: false, interacted: false, clicked: false, archived: false };

function stepsOf(trace: readonly TraceEntry[], before: readonly TraceEntry[]): CourseStep[] {
  const known = new Set(before);
  return trace.filter((entry) => !known.has(entry)).map(({ at, ...entry }) => ({ ...entry, at: new Date(at) }));
}

function stagedMessage({ now }: Stage, message: NewMessage): StagedMessage {
  const { id, step, channel, content, address, status, scheduledAt } = message;
  return {
    id,
    step,
    channel: channel.key,
    channelType: channel.type,
    to: storedForm(address),
    content: storedForm(content),
    status,
    at: now,
    scheduledAt,
    sentAt: status === "delivered" ? now : null,
    engagement: UNSEEN,
  };
}

function keepMessages(stage: Stage, run: StagedRun, made: readonly NewMessage[]): StagedMessage[] {
  const messages = made.map((message) => stagedMessage(stage, message));
  run.messages.push(...messages);
  for (const message of messages) {
    stage.messages.set(message.id, message);
    stage.runOfMessage.set(message.id, run);
    assumeSilence(stage, run, message);
  }
  return messages;
}

/** The run as the passage leaves it. */
function keepRun(run: StagedRun, { status, step, state, trace, wakeAt }: Advanced): void {
  run.steps.push(...stepsOf(trace, run.trace));
  Object.assign(run, { status, step, state: storedForm(state), trace, wakeAt });
  run.passages += 1;
}

/** What passages leave behind, in the order in which it is written in reality. */
function keepEffects(stage: Stage, done: readonly { run: StagedRun; effects: readonly Effect[] }[]): void {
  const all = done.flatMap(({ run, effects }) => effects.map((effect) => ({ run, effect })));
  const users: UserInput[] = [];
  const fetching: StagedRun[] = [];
  for (const { run, effect } of all) {
    if (effect.kind === "updateUser") users.push(effect.user);
    else if (effect.kind === "fetch") fetching.push(run);
    else if (effect.kind === "endBatch") endInMemory(stage, [effect.batchId]);
    else if (effect.kind === "await") {
      run.wait = { step: effect.step, event: effect.event, match: effect.match };
      assumeOf(stage, run);
    } else {
      const waking = stage.runs.get(effect.runId);
      if (waking?.status === "waiting" && waking.wakeAt && waking.wakeAt > effect.at) waking.wakeAt = effect.at;
    }
  }
  stage.people.change(users);
  if (fetching.length > 0) stage.jobs.push({ kind: "fetch", runs: fetching });
}

function deliver(stage: Stage, messages: readonly StagedMessage[]): void {
  const queued = messages.filter(({ status, scheduledAt }) => status === "queued" && scheduledAt === null);
  const there = messages.filter(({ status }) => status === "delivered");
  if (queued.length > 0) stage.jobs.push({ kind: "deliver", messages: queued });
  if (there.length > 0) stage.jobs.push({ kind: "look", messages: there });
}

/** Lets runs go on together, as one transaction does. */
export async function pass(stage: Stage, runs: readonly StagedRun[]): Promise<void> {
  for (const run of runs) run.wait = null;
  const loaded = await loadRuns(stage, runs);
  const passed = loaded.map(({ run, input, world }) => ({ run, input, advanced: advance(input, world) }));
  const settled = await settleWith((requests) => answerInMemory(stage, requests), passed);
  for (const { run, advanced } of settled) keepRun(run, advanced);
  const messages = settled.flatMap(({ run, advanced }) => keepMessages(stage, run, advanced.messages));
  deliver(stage, messages);
  keepEffects(
    stage,
    settled.map(({ run, advanced: { effects } }) => ({ run, effects })),
  );
  for (const run of runs) {
    if (run.passages < MOST_PASSAGES || run.wakeAt === null) continue;
    run.wakeAt = null;
    stage.omitted.add(`a run of ${run.notification.workflow} went on ${MOST_PASSAGES} times and was left there`);
  }
}
