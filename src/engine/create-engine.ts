// The engine, assembled.
import { KnockError } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import { nearest } from "../base/nearest.ts";
import { findUnstorable } from "../base/text.ts";
import { createLimiter } from "../channels/limiter.ts";
import { createHttpClient } from "../channels/network.ts";
import type { Registry } from "../registry/registry.ts";
import { recordAttempts, type AttemptRow } from "../store/messages.ts";
import { wakeReached } from "../store/waits.ts";
import { deployVersions, setStatus } from "../store/workflow-versions.ts";
import { cancelByKey } from "./cancellation.ts";
import { createBell } from "./bell.ts";
import { inTransaction, type Internals } from "./context.ts";
import { deliver } from "./deliver.ts";
import { ringFeeds } from "./feed/bell.ts";
import { createFeedHub } from "./feed/hub.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { CALLS_AT_ONCE, makeFetches, type Fetching } from "./fetch.ts";
import { LONGEST_ANSWER } from "./fetch-call.ts";
import { keepHouse } from "./maintenance.ts";
import { eventOf, momentsOfStatus } from "./moments.ts";
import { chunk, express, fanOut } from "./fan-out.ts";
import { createHandover } from "./handover.ts";
import { createStanding, orPutBack } from "./lacking.ts";
import { createGrouper } from "./group-commit.ts";
import type { Job, JobHandlers, Jobs } from "./jobs/port.ts";
import { accept, usedKey } from "./notify/accept.ts";
import { prepare, type Prepared } from "./notify/prepare.ts";
import type { NotifyCall, NotifyOutcome } from "./notify-call.ts";
import { rerun } from "./rerun.ts";
import { signalEvent } from "./signal.ts";
import { simulate } from "./simulate/simulate.ts";
import { keepTime } from "./timekeeper.ts";
import { tracedJob, tracedNotify } from "./tracing.ts";

/** Transactions that accept calls at the same time; calls beyond wait and share. */
const ACCEPTING = 2;

/** Outcomes of sends that one statement writes at most. */
const OUTCOMES_PER_WRITE = 500;

/** Calls that one transaction accepts at most. */
const CALLS_PER_TRANSACTION = 256;

const handlersOf = (internals: Internals): JobHandlers => ({
  express: (data) =>
    tracedJob(internals, { kind: "express", notifications: data.notifications }, () => express(internals, data)),
  fanOut: (data) =>
    tracedJob(internals, { kind: "fanOut", notifications: [data.notification] }, () => fanOut(internals, data)),
  chunk: (data) =>
    tracedJob(internals, { kind: "chunk", notifications: [data.notification] }, () =>
      orPutBack(internals, { kind: "chunk", data, turn: data.number }, () => chunk(internals, data)),
    ),
  deliver: (data) => deliver(internals, data),
  deliverExpress: (data) => deliver(internals, data),
  fetch: (data) => makeFetches(internals, data),
});

const fetchingOf = ({ allowPrivateAddresses: allowPrivateNetwork, fetchClient, clock }: EngineContext): Fetching => ({
  client: fetchClient ?? createHttpClient({ allowPrivateNetwork, longestBody: LONGEST_ANSWER }),
  limiter: createLimiter({ concurrency: CALLS_AT_ONCE, rate: null }, clock),
});

/** What an attempt has made of its message. */
const reachedBy = ({ messageId, status }: AttemptRow) => ({ messageId, events: momentsOfStatus(status).map(eventOf) });

const outcomesOf = ({ database, clock }: EngineContext) =>
  createGrouper<AttemptRow, void>({
    writers: 1,
    size: OUTCOMES_PER_WRITE,
    async write(rows) {
      await recordAttempts(database.db, rows);
      await wakeReached(database.db, rows.map(reachedBy), clock.now());
      if (rows.some(({ status }) => status === "delivered")) ringFeeds(database);
      return [];
    },
  });

const acceptingOf = (internals: Internals) =>
  createGrouper<Prepared, NotifyOutcome>({
    writers: ACCEPTING,
    size: CALLS_PER_TRANSACTION,
    write: (calls) => inTransaction(internals, (work) => accept(internals, work, calls)),
  });

async function deploy(internals: Internals, registry: Registry): Promise<void> {
  const now = internals.clock.now();
  const workflows = [...registry.values()].map(({ key, structure, hash, fingerprint }) => ({
    key,
    structure,
    hash,
    fingerprint,
    id: newId(now),
  }));
  const versions = await internals.database.transaction((tx) => deployVersions(tx, workflows, now));
  for (const [key, id] of versions) internals.deployed.set(registry.get(key)!.hash, id);
}

/** An engine with what its tests and its process drive it by. */
export interface RunningEngine extends Engine {
  readonly internals: Internals;
  /** What executes jobs. */
  readonly handlers: JobHandlers;
}

/** Creates an engine. Nothing happens before `start`. */
export function createEngine(context: EngineContext, jobs: Jobs): RunningEngine {
  const outcomes = outcomesOf(context);
  const fetching = fetchingOf(context);
  const memory = { deployed: new Map(), plans: new Map(), gates: new Map() };
  const isStopping = () => stopping.signal.aborted;
  const internals: Internals = {
    ...context,
    ...memory,
    standing: createStanding(context.registry()),
    jobs,
    outcomes,
    isStopping,
    fetching,
    bell: createBell(),
    handover: createHandover(),
  };
  const accepting = acceptingOf(internals);
  const handlers = handlersOf(internals);
  const feeds = createFeedHub(context);
  let keeping: Promise<void>[] = [];
  let stopping = new AbortController();

  async function store(call: NotifyCall, { tx }: Parameters<Engine["notify"]>[1] = {}): Promise<NotifyOutcome> {
    const prepared = await prepare(call, internals);
    if (!prepared.ok) return (await usedKey(tx ?? internals.database.db, call)) ?? prepared;
    if (!tx) return accepting.add(prepared);
    // In the caller's own transaction: its jobs too are there only if it commits.
    const send = async (made: readonly Job[]) => {
      await jobs.enqueue(tx, made);
      await jobs.announce(tx, made);
    };
    return (await accept(internals, { tx, send }, [prepared]))[0]!;
  }

  const notify: Engine["notify"] = async (call, options) => {
    const outcome = await tracedNotify(call.workflow, () => store(call, options));
    if (outcome.ok) internals.listeners.onAccepted?.({ workflow: outcome.notification.workflow });
    return outcome;
  };

  async function ringing<Result>(waking: Promise<Result>): Promise<Result> {
    const result = await waking;
    internals.bell.ring();
    return result;
  }

  return {
    context,
    feeds,
    internals,
    handlers,
    notify,
    simulate: (call, options) => simulate(context, call, options),
    notifyMany: (calls) => Promise.all(calls.map((call) => notify(call))),
    cancel: (key, recipients, workflow) =>
      cancelByKey(internals, { key, whose: recipients ?? null, workflow: workflow ?? null }),
    signalEvent: (event) => ringing(signalEvent(internals, event)),
    rerun: (runIds) => ringing(rerun(internals, runIds)),
    async setWorkflowStatus(key, status) {
      const known = findUnstorable(key) === null;
      if (known && (await setStatus(internals.database.db, { key, status, now: internals.clock.now() }))) return null;
      return new KnockError("UNKNOWN_WORKFLOW", { workflow: key, nearest: nearest(key, internals.registry().keys()) });
    },
    deploy: (registry) => deploy(internals, registry),
    adopt: (versions) => versions.forEach((id, hash) => internals.deployed.set(hash, id)),
    async start({ work }) {
      await jobs.start();
      if (context.content === "local") await deploy(internals, internals.registry());
      if (!work) return;
      stopping = new AbortController();
      await jobs.work(handlers);
      keeping = [keepTime(internals, stopping.signal), keepHouse(internals, stopping.signal)];
    },
    async stop() {
      stopping.abort();
      await feeds.close();
      await accepting.idle();
      await jobs.stop();
      await Promise.all(keeping);
      keeping = [];
      fetching.client.close();
    },
  };
}
