// Passages: runs go on in memory, then everything that they decided is written with a few statements in
// one transaction. The first passage of a run inserts it already past its first steps.
import { slicesOf } from "../base/arrays.ts";
import type { JsonObject } from "../base/canonical-json.ts";
import { derivedId } from "../base/ids.ts";
import { cancelEntry } from "../store/cancellation.ts";
import { Again } from "../store/conflict.ts";
import { insertMessages, type MessageRow } from "../store/messages.ts";
import type { StoredNotification } from "../store/notifications.ts";
import { existingRuns, insertRuns, type RunRow } from "../store/runs.ts";
import { advance } from "./advance.ts";
import { plansOf, type Internals, type Work } from "./context.ts";
import { writeEffects } from "./effects.ts";
import { ringFeeds } from "./feed/bell.ts";
import { contentsOf, workflowsNow } from "./lacking.ts";
import { linkMaker } from "./links/links.ts";
import { answerAll } from "./requests.ts";
import type { Advanced, Answer, NotificationSnapshot, Request, RunInput, World } from "./run.ts";
import { notificationSnapshots, recipientSnapshots } from "./snapshots.ts";

/** Messages that one job hands to providers. */
const MESSAGES_PER_JOB = 500;

const NO_MESSAGES: RunInput["messages"] = new Map();
const NO_BATCHES: RunInput["batches"] = new Map();

/** What a passage did for one run. */
export interface Passed {
  input: RunInput;
  advanced: Advanced;
  versionId: string;
}

/** How what a passage makes is delivered: on its own way, or in the turn of its chunk. */
export interface Lane {
  express: boolean;
  turn: number;
}

/** Someone whom a notification reaches. */
export interface Reached {
  notificationId: string;
  recipientId: string;
  /** Properties of the membership; `null` when named explicitly. */
  membership: JsonObject | null;
  list: string | null;
}

/**
 * What the runs of a version have in common. Made once per version and passage.
 *
 * @throws LeftToOthers
 */
export async function worldsOf(internals: Internals, { tx }: Work, versionIds: ReadonlySet<string>, now: Date) {
  const plans = await plansOf(internals, tx, versionIds);
  const keys = new Set([...versionIds].flatMap((id) => plans.get(id)?.structure.key ?? []));
  const workflows = await workflowsNow(internals, tx, keys);
  const contents = contentsOf(internals, keys, workflows);
  const worlds = new Map<string, World>();
  return (versionId: string): World => {
    const known = worlds.get(versionId);
    if (known) return known;
    const plan = plans.get(versionId);
    if (!plan) throw new Error(`workflow version ${versionId} is not stored`);
    const world: World = {
      plan,
      active: !workflows.inactive.has(plan.structure.key),
      content: contents.get(plan.structure.key) ?? null,
      channels: internals.channels,
      environmentPreferences: internals.preferences,
      timezone: internals.timezone,
      links: linkMaker(internals.links),
      now,
      openings: new Map(),
    };
    worlds.set(versionId, world);
    return world;
  };
}

/** The row of a run after a passage. */
export const runRow = ({ input, advanced, versionId }: Passed): RunRow => ({
  id: input.id,
  notificationId: input.notification.id,
  versionId,
  recipientId: input.recipient.id,
  status: advanced.status,
  step: advanced.step,
  state: advanced.state,
  trace: advanced.trace,
  wakeAt: advanced.wakeAt,
});

const messageRows = ({ input, advanced }: Passed): MessageRow[] =>
  advanced.messages.map(({ id, step, channel, content, address, status, scheduledAt }) => ({
    id,
    runId: input.id,
    notificationId: input.notification.id,
    workflow: input.notification.workflow,
    step,
    recipientId: input.recipient.id,
    tenantId: input.notification.tenantId,
    channel: channel.key,
    channelType: channel.type,
    content,
    address,
    status,
    scheduledAt,
  }));

/** Lets runs go on with the answers to what they ask, until none asks any more. */
export const settle = (internals: Internals, work: Work, passed: readonly Passed[]): Promise<Passed[]> =>
  settleWith((requests) => answerAll(internals, work, requests), passed);

/** The same, with somebody else who answers. */
export async function settleWith<One extends Pick<Passed, "input" | "advanced">>(
  answer: (requests: readonly Request[]) => Promise<ReadonlyMap<Request, Answer>>,
  passed: readonly One[],
): Promise<One[]> {
  let asking = passed.filter(({ advanced }) => advanced.asks);
  const settled = new Map(passed.map((one) => [one.input.id, one]));
  while (asking.length > 0) {
    const requests = asking.map(({ advanced }) => advanced.asks!.request);
    const answers = await answer(requests);
    const next = asking.map((one): One => {
      const { request, proceed } = one.advanced.asks!;
      return { ...one, advanced: proceed(answers.get(request)!) };
    });
    for (const one of next) settled.set(one.input.id, one);
    asking = next.filter(({ advanced }) => advanced.asks);
  }
  return [...settled.values()];
}

/** Stores what passages made besides their runs, and enqueues what is to follow. */
export async function storeOutcome(
  internals: Internals,
  work: Work,
  { passed, ...options }: { passed: readonly Passed[]; lane: Lane; now: Date },
): Promise<void> {
  await storeMessages(internals, work, { passed, ...options });
  await writeEffects(internals, work, { passed, now: options.now });
}

/** Stores the messages of passages and enqueues their delivery. */
async function storeMessages(
  { database }: Internals,
  work: Work,
  { passed, lane, now }: { passed: readonly Passed[]; lane: Lane; now: Date },
): Promise<void> {
  const messages = passed.flatMap(messageRows);
  if (messages.length > 0) await insertMessages(work.tx, messages, now);
  if (messages.some(({ status, channelType }) => status === "delivered" && channelType === "inApp"))
    work.afterCommit(() => ringFeeds(database));
  const queued = messages
    .filter(({ status, scheduledAt }) => status === "queued" && scheduledAt === null)
    .map(({ id }) => id);
  const kind = lane.express ? "deliverExpress" : "deliver";
  for (const slice of slicesOf(queued, MESSAGES_PER_JOB))
    work.enqueue({ kind, data: { messages: slice }, turn: lane.turn });
}

const cancelledRun = ({ state }: RunInput, now: Date): Advanced => ({
  status: "cancelled",
  step: null,
  wakeAt: null,
  state,
  trace: [cancelEntry(now)],
  messages: [],
  effects: [],
  asks: null,
});

/** A run at its beginning, without what is known of its recipient. */
function firstInput({ notificationId, recipientId, membership, list }: Reached, notification: NotificationSnapshot) {
  const state = { ...(membership && { membership }), ...(list !== null && { list }) };
  return {
    id: derivedId(notificationId, recipientId),
    notification,
    step: null,
    state,
    trace: [],
    messages: NO_MESSAGES,
    batches: NO_BATCHES,
  };
}

/**
 * Begins the runs of people whom notifications reach. The notifications must be held by the
 * transaction. A run that exists already is left as it is.
 */
export async function beginRuns(
  internals: Internals,
  work: Work,
  {
    notifications,
    reached,
    lane,
  }: { notifications: readonly StoredNotification[]; reached: readonly Reached[]; lane: Lane },
): Promise<Passed[]> {
  const now = internals.clock.now();
  const stored = new Map(
    notifications.filter(({ cancelled }) => !cancelled).map((notification) => [notification.id, notification]),
  );
  const wanted = reached.filter(({ notificationId }) => stored.has(notificationId));
  if (wanted.length === 0) return [];
  const snapshots = await notificationSnapshots(work.tx, [...stored.values()]);
  const recipients = await recipientSnapshots(
    work.tx,
    wanted.map(({ notificationId, recipientId }) => ({ recipientId, tenantId: stored.get(notificationId)!.tenantId })),
  );
  const worldOf = await worldsOf(internals, work, new Set([...stored.values()].map(({ versionId }) => versionId)), now);
  const passed = wanted.map((person): Passed => {
    const { versionId, tenantId, cancelledRecipients } = stored.get(person.notificationId)!;
    const notification = snapshots.get(person.notificationId)!;
    const input: RunInput = { ...firstInput(person, notification), ...recipients(person.recipientId, tenantId) };
    const cancelled = cancelledRecipients.includes(person.recipientId);
    return { input, versionId, advanced: cancelled ? cancelledRun(input, now) : advance(input, worldOf(versionId)) };
  });
  return store(internals, work, passed, { lane, now });
}

/**
 * Stores new runs with all that they made. What a run asks for has to be done once: one that exists already
 * asks for nothing, and when another transaction makes the same run at this moment, all is done again.
 */
async function store(
  internals: Internals,
  work: Work,
  passed: readonly Passed[],
  options: { lane: Lane; now: Date },
): Promise<Passed[]> {
  const asking = passed.filter(({ advanced }) => advanced.asks);
  const known =
    asking.length > 0
      ? await existingRuns(
          work.tx,
          asking.map(({ input }) => input.id),
        )
      : new Set();
  const settled = await settle(
    internals,
    work,
    passed.filter(({ input }) => !known.has(input.id)),
  );
  const inserted = await insertRuns(work.tx, settled.map(runRow), options.now);
  if (asking.some(({ input }) => !known.has(input.id) && !inserted.has(input.id))) throw new Again();
  const begun = settled.filter(({ input }) => inserted.has(input.id));
  await storeOutcome(internals, work, { passed: begun, ...options });
  return begun;
}
