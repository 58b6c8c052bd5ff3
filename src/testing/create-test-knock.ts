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
import type { UserInput } from "../engine/notify-call.ts";
import { inlineJobs } from "../engine/jobs/inline.ts";
import { sweep } from "../engine/timekeeper.ts";
import { createKnock, type Knock, type NotifyOptions } from "../knock.ts";
import type { Config, WorkflowModule } from "../registry/config.ts";
import type { Database } from "../store/database.ts";
import { addListMembers } from "../store/lists.ts";
import { putPreferenceSet } from "../store/preference-sets.ts";
import { allMessages, type OutboxMessage } from "../store/reads/outbox.ts";
import { nextDue } from "../store/runs.ts";
import { upsertUsers } from "../store/users.ts";
import { lendDatabase } from "./lend-database.ts";
import { tellStory } from "./story.ts";
import { virtualClock, type VirtualClock } from "./virtual-clock.ts";

/** What a test system is made of. */
export interface TestKnockOptions extends Partial<Pick<Config, "users" | "preferences" | "onInvalidData">> {
  /** The workflows under test. */
  workflows: readonly WorkflowHandle[] | WorkflowModule;
  /** Where the clock stands at first. Default: `2026-01-05T09:00:00Z`, a Monday. */
  now?: string | Date;
  /** The keys of the channels, by type, when the workflows name them. Default: each type's own name. */
  channels?: Partial<Record<ChannelType, string>>;
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
  /** Marks everything in a user's feed, as if the user had looked. */
  mark(user: string, as: Marking): Promise<void>;
  /** Ends the unfinished runs of a key. */
  cancel(cancellationKey: string, recipients?: readonly string[]): Promise<{ runs: number }>;
  /** Lets time pass: visits each due moment on the way and everything that happens there. */
  advance(duration: Duration): Promise<void>;
  /** The messages that reached a type of channel so far, oldest first. */
  sent(type: ChannelType): SentMessage[];
  /** What happened and why, run by run, as text. Printed by itself when a vitest test fails. */
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
async function printOnFailure(story: () => string): Promise<void> {
  if (!process.env.VITEST) return;
  const { onTestFailed } = await import("vitest");
  try {
    onTestFailed(() => void process.stderr.write(`\n${story()}\n`));
  } catch {
    // Created outside a test, in a hook: then there is no single test whose failure it could explain.
  }
}

/** The real system, with a clock that stands, channels that keep what they get, and jobs that wait to be told. */
async function startSystem(options: TestKnockOptions) {
  const clock = virtualClock(options.now ?? "2026-01-05T09:00:00.000Z");
  const lent = options.database ? null : await lendDatabase();
  const database = options.database ?? lent!.database;
  const jobs = inlineJobs();
  const { users, preferences, onInvalidData } = options;
  const knock = await createKnock({
    config: {
      workflows: moduleOf(options.workflows),
      channels: {},
      ...(users && { users }),
      ...(preferences && { preferences }),
      ...(onInvalidData && { onInvalidData }),
    },
    db: database,
    clock,
    logger: silentLogger,
    channels: captureChannels(options.channels),
    jobs: () => jobs,
  });
  await knock.start({ work: false });
  await jobs.work(knock.engine.handlers);
  return { clock, database, jobs, knock, giveBack: async () => lent?.giveBack() };
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
  const { clock, database, jobs, knock, giveBack } = await startSystem(options);
  const { internals } = knock.engine;
  let messages: OutboxMessage[] = [];
  let story = "";

  async function settle(): Promise<void> {
    do await jobs.drain();
    while ((await sweep(internals)) > 0);
    await jobs.drain();
    messages = await allMessages(database.db);
    story = await tellStory(database.db);
  }

  await printOnFailure(() => story);
  return {
    knock,
    clock,
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
      const outcome = await knock.notify(workflow, call);
      if (!outcome.ok) throw outcome.error;
      await settle();
      return { id: outcome.notification.id };
    },
    async mark(user, as) {
      const own = messages.filter(({ recipientId, channelType }) => recipientId === user && channelType === "inApp");
      await markMessages({ database, clock }, { ids: own.map(({ id }) => id), as });
    },
    async cancel(key, recipients) {
      const { runs } = await knock.engine.cancel(key, recipients);
      await settle();
      return { runs };
    },
    async advance(duration) {
      const end = clock.now().getTime() + durationMs(duration);
      for (;;) {
        await settle();
        const next = await nextDue(database.db);
        if (next === null || next.getTime() > end) break;
        await clock.advance(Math.max(0, next.getTime() - clock.now().getTime()));
      }
      await clock.advance(end - clock.now().getTime());
      await settle();
    },
    sent: (type) => messages.filter((message) => message.channelType === type && reached(message)).map(sentMessage),
    story: async () => tellStory(database.db),
    async [Symbol.asyncDispose]() {
      await knock.stop();
      await giveBack();
    },
  };
}
