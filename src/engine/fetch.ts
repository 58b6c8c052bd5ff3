// The HTTP calls of fetch steps. They are made outside any transaction, while their runs wait; the replies are
// written together with others of the same moment, and let the runs go on. A job that comes twice finds
// runs that have their reply; one that is killed in between makes some calls a second time, with the same key.
import { derivedId } from "../base/ids.ts";
import { messageOf } from "../base/message-of.ts";
import type { Limiter } from "../channels/limiter.ts";
import type { HttpClient } from "../channels/network.ts";
import { renderSlots } from "../registry/render-slots.ts";
import type { FetchStep } from "../registry/structure.ts";
import { findAsking, writeReplies, type NewReply } from "../store/replies.ts";
import type { Reply } from "../store/schema/runs.ts";
import { inTransaction, plansOf, type Internals } from "./context.ts";
import { makeCall, type FetchCall } from "./fetch-call.ts";
import { createGrouper } from "./group-commit.ts";
import type { JobData } from "./jobs/port.ts";
import { orPutBackPart } from "./lacking.ts";
import { loadRuns, type LoadedRun } from "./load-runs.ts";
import { scopeOf } from "./run-scope.ts";
import { sourcesFor } from "./steps/slots.ts";

/** Calls that one process makes at the same time. */
export const CALLS_AT_ONCE = 50;

/** Replies that one statement writes at most. */
const REPLIES_PER_WRITE = 100;

/** How a process makes calls. */
export interface Fetching {
  client: HttpClient;
  limiter: Limiter;
}

/** A run that waits for the answer of a call. */
export interface Asking extends LoadedRun {
  step: FetchStep;
}

/** The run, if it stands at a fetch step. */
export function askingOf(run: LoadedRun): Asking[] {
  const { step: ref } = run.input;
  const step = ref === null ? undefined : run.world.plan.byRef.get(ref)?.step;
  return step?.kind === "fetch" ? [{ ...run, step }] : [];
}

/** The call as the run's data say; `null` when the content is no longer deployed, which the step itself finds. */
export function callOf({ input, world, step }: Asking): FetchCall | null {
  const sources = sourcesFor(step, { world });
  if (!sources) return null;
  const { url, headers, body } = renderSlots(sources, scopeOf(input, world));
  const { method, timeout, ref } = step;
  const response = world.content?.schemas.get(ref) ?? null;
  return { method, timeout, url, headers, body, response, idempotencyKey: derivedId(input.id, ref) };
}

/** Why no call was made: this process ends, or the run asks again before an answer could be there. */
type NotMade = "stopping" | "late";

async function replyTo(internals: Internals, asking: Asking): Promise<Reply | NotMade> {
  const { fetching, clock } = internals;
  const late = (timeout: number) => !asking.wakeAt || clock.now().getTime() + timeout >= asking.wakeAt.getTime();
  try {
    const call = callOf(asking);
    if (!call) return "late";
    return await fetching.limiter.run(async () => {
      if (internals.isStopping()) return "stopping";
      return late(call.timeout) ? "late" : makeCall(call, { client: fetching.client, clock });
    });
  } catch (thrown) {
    return { ok: false, problem: messageOf(thrown), final: false };
  }
}

const loadAsking = (internals: Internals, ids: readonly string[]): Promise<LoadedRun[]> =>
  inTransaction(internals, async (work) => {
    const runs = await findAsking(work.tx, ids);
    return runs.length === 0 ? [] : loadRuns(internals, work, { runs, now: internals.clock.now() });
  });

/** The workflow of each run that waits for an answer. */
async function workflowsOf(internals: Internals, ids: readonly string[]): Promise<Map<string, string>> {
  const { db } = internals.database;
  const asking = await findAsking(db, ids);
  const plans = await plansOf(internals, db, new Set(asking.map(({ versionId }) => versionId)));
  return new Map(asking.map(({ id, versionId }) => [id, plans.get(versionId)?.structure.key ?? ""]));
}

/** Makes the calls that runs wait for, but for those that are left to other processes. */
export const makeFetches = (internals: Internals, { runs }: JobData["fetch"]): Promise<void> =>
  orPutBackPart(internals, {
    ids: runs,
    workflowsOf: (ids) => workflowsOf(internals, ids),
    jobFor: (ids) => ({ kind: "fetch", data: { runs: ids } }),
    work: (ids) => fetchesOf(internals, ids),
  });

/** What is not begun when this process ends goes to another one. */
async function fetchesOf(internals: Internals, ids: readonly string[]): Promise<void> {
  const { database, clock, bell } = internals;
  const replies = createGrouper<NewReply, void>({
    writers: 1,
    size: REPLIES_PER_WRITE,
    async write(group) {
      await writeReplies(database.db, group, clock.now());
      bell.ring();
      return [];
    },
  });
  const left: string[] = [];
  const waiting = await loadAsking(internals, ids);
  const done = await Promise.allSettled(
    waiting.flatMap(askingOf).map(async (asking) => {
      const reply = await replyTo(internals, asking);
      if (reply === "stopping") left.push(asking.input.id);
      else if (reply !== "late") await replies.add({ runId: asking.input.id, step: asking.step.ref, reply });
    }),
  );
  const failure = done.find(({ status }) => status === "rejected") as PromiseRejectedResult | undefined;
  if (failure) throw failure.reason;
  if (left.length > 0)
    await inTransaction(internals, async ({ enqueue }) => enqueue({ kind: "fetch", data: { runs: left } }));
}
