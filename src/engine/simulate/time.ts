// The time of a simulation: what is due is done, then the clock moves to what is due next. In the order in which a
// single worker with its jobs and its timekeeper would do it.
import { nextTurn } from "../../base/clock.ts";
import { durationMs } from "../../base/duration.ts";
import { beginNamed, beginRuns, plan } from "./begin.ts";
import type { AssumedEvent } from "./contract.ts";
import { answerCalls, look, momentsOf, send, signal } from "./outside.ts";
import { pass } from "./passage.ts";
import type { Stage, StagedJob, StagedMessage, StagedRun } from "./stage.ts";

/** How far a simulation looks ahead: longer than any step may wait. */
const HORIZON = durationMs("366d");

/** Runs that go on together, as in reality. */
const RUNS_PER_PASSAGE = 500;

/** Passages of a whole simulation. */
const MOST_PASSAGES = 100_000;

async function work(stage: Stage, job: StagedJob): Promise<void> {
  switch (job.kind) {
    case "begin":
      return beginNamed(stage, job.notificationIds);
    case "fanOut":
      return plan(stage, job);
    case "chunk":
      return beginRuns(stage, job.reached);
    case "deliver":
      return send(stage, job.messages);
    case "look":
      return look(stage, job.messages);
    case "fetch":
      return answerCalls(stage, job.runs);
  }
}

async function drain(stage: Stage): Promise<void> {
  for (let job = stage.jobs.shift(); job; job = stage.jobs.shift()) {
    await work(stage, job);
    // Others of this process have their turn: thousands of runs may follow each other.
    await nextTurn();
  }
}

const inTime = (one: StagedRun, other: StagedRun) =>
  one.wakeAt!.getTime() - other.wakeAt!.getTime() || (one.id < other.id ? -1 : 1);

const isHeld = ({ status, scheduledAt }: StagedMessage) => status === "queued" && scheduledAt !== null;

/** Lets go on what is due, one passage of it. Tells whether there was anything. */
async function sweep(stage: Stage): Promise<boolean> {
  const due = [...stage.runs.values()].filter(({ wakeAt }) => wakeAt !== null && wakeAt <= stage.now).toSorted(inTime);
  const runs = due.slice(0, RUNS_PER_PASSAGE);
  if (runs.length > 0) await pass(stage, runs);
  const messages = [...stage.messages.values()].filter((one) => isHeld(one) && one.scheduledAt! <= stage.now);
  if (messages.length > 0) send(stage, messages);
  return runs.length > 0 || messages.length > 0;
}

/** When the next thing is due; `null` when nothing waits. */
function nextDue({ runs, messages }: Stage): Date | null {
  let next: Date | null = null;
  const consider = (at: Date | null) => {
    if (at && (!next || at < next)) next = at;
  };
  for (const { wakeAt } of runs.values()) consider(wakeAt);
  for (const message of messages.values()) if (isHeld(message)) consider(message.scheduledAt);
  return next;
}

async function rest(stage: Stage): Promise<void> {
  let passages = 0;
  do {
    await drain(stage);
    if (++passages > MOST_PASSAGES) throw new Error("the simulation does not come to an end");
  } while (await sweep(stage));
}

const earlier = (one: Date | null, other: Date | null): Date | null =>
  one && other ? (one < other ? one : other) : (one ?? other);

/** Lets time pass until nothing waits any more, or the horizon is reached. */
export async function letTimePass(stage: Stage): Promise<void> {
  const end = stage.now.getTime() + HORIZON;
  const coming: { at: Date; event: AssumedEvent }[] = momentsOf(stage);
  for (;;) {
    await rest(stage);
    if (coming[0] && coming[0].at <= stage.now) {
      signal(stage, coming.shift()!.event);
      continue;
    }
    const next = earlier(nextDue(stage), coming[0]?.at ?? null);
    if (!next) return;
    if (next.getTime() > end) return void stage.omitted.add("what is more than 366 days ahead");
    if (next > stage.now) stage.now = next;
  }
}
