// A whole system for one test: the real engine, an embedded database, a clock that moves when told.
import type { JsonObject } from "../base/canonical-json.ts";
import { durationMs, type Duration } from "../base/duration.ts";
import { newId } from "../base/ids.ts";
import { silentLogger } from "../base/logger.ts";
import type { Channel } from "../channels/channel.ts";
import type { ChannelType } from "../channels/messages.ts";
import { channelTypes } from "../channels/messages.ts";
import { capture } from "../channels/providers/capture.ts";
import type { PreferenceSet } from "../definition/preference-set.ts";
import type { WorkflowHandle, WorkflowTypes } from "../definition/workflow.ts";
import { markMessages, type Marking } from "../engine/directory/engagement.ts";
import type { Listeners } from "../engine/events.ts";
import type { Refused, UserInput } from "../engine/notify-call.ts";
import { inlineJobs } from "../engine/jobs/inline.ts";
import { nextDue, sweep } from "../engine/timekeeper.ts";
import { createKnock, type Knock, type NotifyOptions, type ScheduleOptions } from "../knock.ts";
import type { Config, WorkflowModule } from "../registry/config.ts";
import type { Database } from "../store/database.ts";
import { addListMembers } from "../store/lists.ts";
import { putPreferenceSet } from "../store/preference-sets.ts";
import { allMessages, feedOf, type OutboxMessage } from "../store/reads/outbox.ts";
import { upsertUsers } from "../store/users.ts";
import { lendDatabase } from "./lend-database.ts";
import { tellStory } from "./story.ts";
import { type FetchHandler, stubFetch } from "./stub-fetch.ts";
import { virtualClock, type VirtualClock } from "./virtual-clock.ts";

/** What a test system is made of. */
export interface TestKnockOptions extends Partial<
  Pick<Config, "users" | "preferences" | "onInvalidData" | "timezone" | "links">
> {
  /** The workflows under test. */
  workflows: readonly WorkflowHandle[] | WorkflowModule;
  /** Where the clock stands at first. Default: `2026-01-05T09:00:00Z`, a Monday. */
  now?: string | Date;
  /** The keys of the channels, by type, when the workflows name them. Default: each type's own name. */
  channels?: Partial<Record<ChannelType, string>>;
  /** Answers the calls of fetch steps; nothing goes over the network. Default: every call fails. */
  fetch?: FetchHandler;
  /** An open database with all tables. Default: an embedded one of its own. */
  database?: Database;
}

/** A message that reached its channel. */
export interface SentMessage extends JsonObject {
  workflow: string;
  /** Ref of the step. */
  step: string;
  recipient: string;
  channel: string;
  to: JsonObject;
}

/** A system for one test. Closes itself with `await using`. */
export interface TestKnock extends AsyncDisposable {
  readonly knock: Knock;
  readonly clock: VirtualClock;
  /** Creates or merges a user; members that users always have go by name, all others are properties. */
  recipient(user?: Partial<Omit<UserInput, "properties">> & Record<string, unknown>): Promise<{ id: string }>;
  /** Puts people on a list, which is created. */
  list(name: string, members: readonly string[]): Promise<void>;
  /** Sets a user's preferences, for one tenant when given. */
  preferences(user: string, set: PreferenceSet, options?: { tenant?: string }): Promise<void>;
  /** Notifies and lets everything happen that is due now. Throws what a call is refused for. */
  notify<Types extends WorkflowTypes>(
    workflow: WorkflowHandle<Types>,
    options: NotifyOptions<Types>,
  ): Promise<{ id: string }>;
  /** Creates schedules, one per recipient. Throws what a call is refused for. */
  schedule<Types extends WorkflowTypes>(
    workflow: WorkflowHandle<Types>,
    options: ScheduleOptions<Types>,
  ): Promise<{ ids: string[] }>;
  /** Says that an event happened, and lets the runs go on that wait for exactly this; answers how many. */
  signal(name: string, match?: JsonObject, data?: JsonObject): Promise<{ runs: number }>;
  /** Answers the calls of fetch steps from now on. */
  fetch(handler: FetchHandler): void;
  /** Marks everything in a user's feed, as if the user had looked. */
  mark(user: string, as: Marking): Promise<void>;
  /** Ends the unfinished runs of a key. */
  cancel(cancellationKey: string, recipients?: readonly string[]): Promise<{ runs: number }>;
  /** Lets time pass: visits each due moment on the way and everything that happens there. */
  advance(duration: Duration): Promise<void>;
  /** The messages that reached a type of channel so far, oldest first. */
  sent(type: ChannelType): SentMessage[];
  /** What happened and why, run by run and batch by batch, as text. Printed by itself when a vitest test fails. */
  story(): Promise<string>;
}

const STANDARD = ["id", "name", "email", "phoneNumber", "avatar", "locale", "timezone", "channelData"];

function captureChannels(names: TestKnockOptions["channels"] = {}): Map<string, Channel> {
  const channels = channelTypes.map((type): Channel => {
    const key = names[type] ?? type;
    return { key, type, provider: capture(type), sandbox: false };
  });
  return new Map(channels.map((channel) => [channel.key, channel]));
}

const moduleOf = (workflows: TestKnockOptions["workflows"]): WorkflowModule =>
  Array.isArray(workflows)
    ? Object.fromEntries(workflows.map((workflow: WorkflowHandle) => [workflow.key, workflow]))
    : (workflows as WorkflowModule);

function userOf(given: Record<string, unknown>, id: string): UserInput {
  const entries = Object.entries(given);
  const properties = Object.fromEntries(entries.filter(([name]) => !STANDARD.includes(name))) as JsonObject;
  return { ...Object.fromEntries(entries.filter(([name]) => STANDARD.includes(name))), id, properties };
}

const reached = ({ status }: OutboxMessage) => status === "sent" || status === "delivered";

const sentMessage = ({ workflow, step, recipientId, channel, content, address }: OutboxMessage): SentMessage => ({
  ...content,
  workflow,
  step,
  recipient: recipientId,
  channel,
  to: address ?? {},
});

/** Prints the story when the surrounding vitest test fails; elsewhere tests print it themselves. */
async function printOnFailure(story: () => Promise<string>): Promise<void> {
  if (!process.env.VITEST) return;
  const { onTestFailed } = await import("vitest");
  try {
    onTestFailed(async () => void process.stderr.write(`\n${await story()}\n`));
  } catch {
    // Created outside a test, in a hook: then there is no single test whose failure it could explain.
  }
}

/** What came of a call that must not be refused. */
function succeeded<Success extends { ok: true }>(outcome: Success | Refused): Success {
  if (!outcome.ok) throw outcome.error;
  return outcome;
}

/** The real system, with a clock that stands, channels that keep what they get, and jobs that wait to be told. */
async function startSystem(options: TestKnockOptions, listeners: Listeners) {
  const clock = virtualClock(options.now ?? "2026-01-05T09:00:00.000Z");
  const lent = options.database ? null : await lendDatabase();
  const database = options.database ?? lent!.database;
  const jobs = inlineJobs();
  const network = stubFetch(options.fetch);
  const { users, preferences, onInvalidData, timezone, links } = options;
  const knock = await createKnock({
    config: {
      workflows: moduleOf(options.workflows),
      channels: {},
      ...(users && { users }),
      ...(preferences && { preferences }),
      ...(onInvalidData && { onInvalidData }),
      ...(timezone && { timezone }),
      ...(links && { links }),
    },
    db: database,
    clock,
    logger: silentLogger,
    listeners,
    channels: captureChannels(options.channels),
    jobs: () => jobs,
    fetchClient: network,
  });
  await knock.start({ work: false });
  await jobs.work(knock.engine.handlers);
  return { clock, database, jobs, knock, network, giveBack: async () => lent?.giveBack() };
}

type System = Awaited<ReturnType<typeof startSystem>>;

/** Does everything that is due now. Answers when the next thing is due, and whether there was anything. */
async function settle({ clock, jobs, knock }: System): Promise<{ next: Date | null; moved: boolean }> {
  const { internals } = knock.engine;
  for (let moved = false; ; moved = true) {
    await jobs.drain();
    const next = await nextDue(internals);
    if (next === null || next > clock.now() || (await sweep(internals)) === 0) return { next, moved };
  }
}

/** The messages of a system. They are read when something may have happened to them, and not at each stop of the clock. */
function createOutbox() {
  let messages: OutboxMessage[] = [];
  let stale = false;
  const spoil = () => void (stale = true);
  const listeners: Listeners = {
    onRun: ({ channel }) => {
      if (channel !== null) spoil();
    },
    onDelivery: spoil,
  };
  return {
    listeners,
    spoil,
    messages: () => messages,
    async refresh({ db }: Database) {
      if (stale) messages = await allMessages(db);
      stale = false;
    },
  };
}

/**
 * Creates a system for one test.
 *
 * @example
 * await using knock = await createTestKnock({ workflows: [newComment] });
 * const ada = await knock.recipient({ email: "ada@example.com" });
 * await knock.notify(newComment, { recipients: [ada.id], data });
 * await knock.advance("10m");
 * expect(knock.sent("email")).toMatchObject([{ to: { email: "ada@example.com" } }]);
 */
export async function createTestKnock(options: TestKnockOptions): Promise<TestKnock> {
  const outbox = createOutbox();
  const system = await startSystem(options, outbox.listeners);
  const { clock, database, knock, network, giveBack } = system;
  // When the test has ended there is nothing left to read.
  let ended: string | null = null;
  const story = async () => ended ?? tellStory(database.db);

  async function rest(): Promise<Date | null> {
    const { next, moved } = await settle(system);
    if (moved) outbox.spoil();
    return next;
  }

  async function quiet(): Promise<void> {
    await rest();
    await outbox.refresh(database);
  }

  await printOnFailure(story);
  return {
    knock,
    clock,
    story,
    fetch: network.answerWith,
    async recipient(user = {}) {
      const id = user.id ?? `user_${newId(clock.now()).slice(-8)}`;
      await upsertUsers(database.db, [userOf(user, id)], clock.now());
      return { id };
    },
    async list(name, members) {
      await addListMembers(database.db, { list: name, members: members.map((userId) => ({ userId })) }, clock.now());
    },
    async preferences(user, set, { tenant } = {}) {
      await putPreferenceSet(database.db, { userId: user, tenantId: tenant ?? null }, set, clock.now());
    },
    async notify(workflow, call) {
      const { notification } = succeeded(await knock.notify(workflow, call));
      await quiet();
      return { id: notification.id };
    },
    async schedule(workflow, call) {
      const { schedules } = succeeded(await knock.schedules.create(workflow, call));
      await quiet();
      return { ids: schedules.map(({ id }) => id) };
    },
    async signal(name, match, data) {
      const { runs } = succeeded(await knock.signalEvent(name, match, data));
      await quiet();
      return { runs };
    },
    async mark(user, as) {
      await markMessages({ database, clock }, { ids: await feedOf(database.db, user), as });
      await quiet();
    },
    async cancel(key, recipients) {
      const { runs } = await knock.engine.cancel(key, recipients);
      await quiet();
      return { runs };
    },
    async advance(duration) {
      const end = clock.now().getTime() + durationMs(duration);
      for (;;) {
        const next = await rest();
        if (next === null || next.getTime() > end) break;
        await clock.advance(Math.max(0, next.getTime() - clock.now().getTime()));
      }
      await clock.advance(end - clock.now().getTime());
      await outbox.refresh(database);
    },
    sent: (type) =>
      outbox
        .messages()
        .filter((message) => message.channelType === type && reached(message))
        .map(sentMessage),
    async [Symbol.asyncDispose]() {
      ended = await tellStory(database.db);
      await knock.stop();
      await giveBack();
    },
  };
}
