// The typed client. Runs wherever there is fetch; brings nothing along but the words of our errors.
import type { JsonObject } from "../base/canonical-json.ts";
import type { DocumentName } from "./documents.ts";
import type { Explanation } from "./explanation.ts";
import type { SimulateOptions, Simulation } from "./simulation.ts";
import type { Connection } from "./post.ts";
import { readingOf, request, resultOf } from "./request.ts";
import type {
  AnyCall,
  Batch,
  ChangedSchedule,
  Notification,
  NotifyCall,
  NotifyFailure,
  NotifyResult,
  Page,
  PageOptions,
  PreferenceVerdict,
  Result,
  Run,
  Schedule,
  ScheduleCall,
  ScheduleFailure,
  SchedulePatch,
  UserInput,
  Warning,
  WorkflowKey,
  Workflows,
} from "./types.ts";
import type { Feed, FeedMessage, FeedSelection, Marking } from "./user-feed.ts";

/**
 * A client for the workflows of one project. Expected failures are answers with `ok: false` and a code;
 * thrown are `SERVER_UNREACHABLE`, `UNAUTHENTICATED`, `FORBIDDEN` and `INTERNAL`.
 */
export interface Client<W extends Workflows> {
  /**
   * Notifies people through a workflow. Answers when the notification is stored.
   *
   * @example
   * const result = await knock.notify("new-comment", { recipients: ["ada"], data: { … }, idempotencyKey });
   * if (!result.ok && result.error.code === "INVALID_DATA") report(result.error.issues);
   */
  notify<Key extends WorkflowKey<W>>(workflow: Key, call: NotifyCall<W, Key>): Promise<NotifyResult>;
  /** Up to 1,000 calls in one request, a result for each in order; each stands alone. */
  notifyMany(calls: readonly AnyCall<W>[]): Promise<NotifyResult[]>;
  /**
   * What a call would lead to, over the whole course of its runs, on the live state. Nothing is stored or sent.
   *
   * @example
   * const result = await knock.simulate("new-comment", { recipients: ["ada"], data: { … } }, { at: "2026-03-01T08:00:00Z" });
   * if (result.ok) console.log(result.simulation.text);
   */
  simulate<Key extends WorkflowKey<W>>(
    workflow: Key,
    call: NotifyCall<W, Key>,
    options?: SimulateOptions,
  ): Promise<Result<{ simulation: Simulation }, NotifyFailure>>;
  /** Ends the unfinished runs of a key, for all or some recipients. */
  cancel(
    cancellationKey: string,
    recipients?: readonly string[],
  ): Promise<Result<{ notifications: { id: string }[]; runs: number }>>;
  /**
   * Notifies at one moment, or again and again. At most 1,000 schedules; all or none are stored.
   *
   * @example await knock.createSchedules("digest", { recipients: ["ada"], recurrence: "0 9 * * MON" })
   */
  createSchedules<Key extends WorkflowKey<W>>(
    workflow: Key,
    call: ScheduleCall<W, Key>,
  ): Promise<Result<{ schedules: ChangedSchedule[]; warnings: Warning[] }, ScheduleFailure>>;
  /** Changes up to 1,000 schedules: all of them or none. A new timing begins now. */
  updateSchedules(
    ids: readonly string[],
    patch: SchedulePatch,
  ): Promise<Result<{ schedules: ChangedSchedule[] }, Exclude<ScheduleFailure, "RECIPIENTS_REQUIRED"> | "NOT_FOUND">>;
  /** Deletes up to 1,000 schedules; answers the ids of those that there were. */
  deleteSchedules(ids: readonly string[]): Promise<Result<{ ids: string[] }>>;
  /** A schedule by id; `null` when there is none. */
  schedule(id: string): Promise<Schedule | null>;
  /** Schedules, newest first. */
  schedules(
    options?: PageOptions & { recipient?: string; workflow?: WorkflowKey<W>; status?: Schedule["status"] },
  ): Promise<Page<Schedule>>;
  /** Lets the runs go on that wait for this event; says how many. */
  signalEvent(name: string, event?: { match?: JsonObject; data?: JsonObject }): Promise<Result<{ runs: number }>>;
  /** Lets up to 1,000 failed runs go on at the step that failed; an answer for each, in order. */
  rerun(runIds: readonly string[]): Promise<Result<{ id: string }, "INVALID_INPUT" | "NOT_FOUND" | "RUN_NOT_FAILED">[]>;
  /** A batch with a page of its activities; `null` when there is none. */
  batch(id: string, activities?: PageOptions): Promise<Batch | null>;
  /** Creates a user or changes the one with this id. */
  upsertUser(user: UserInput): Promise<Result<{ id: string }>>;
  /** Creates or changes up to 10,000 users: all of them or none. */
  upsertUsers(users: readonly UserInput[]): Promise<Result<{ count: number }>>;
  /** Deletes a user with preferences, memberships and messages. */
  deleteUser(id: string): Promise<Result<{ id: string }, "NOT_FOUND">>;
  /** Makes a list or changes the one of this name. */
  upsertList(
    name: string,
    properties?: JsonObject,
  ): Promise<Result<{ list: { name: string; properties: JsonObject } }>>;
  /** Deletes a list with its memberships. */
  deleteList(name: string): Promise<Result<{ name: string }, "UNKNOWN_LIST">>;
  /** Adds up to 10,000 users to a list, which is made when there is none. */
  addListMembers(
    list: string,
    members: readonly (string | { userId: string; properties?: JsonObject })[],
  ): Promise<Result<{ added: number; updated: number }>>;
  /** Removes up to 10,000 users from a list. */
  removeListMembers(
    list: string,
    userIds: readonly string[],
  ): Promise<Result<{ removed: number }, "INVALID_INPUT" | "UNKNOWN_LIST">>;
  /** Stores what a user or a tenant wants. Default of `mode`: `REPLACE`. */
  setPreferences(input: {
    userId?: string;
    tenant?: string;
    mode?: "REPLACE" | "MERGE";
    preferences: object;
  }): Promise<Result<{ preferences: JsonObject }>>;
  /** What holds for a user, all sets merged. */
  userPreferences(userId: string, options?: { tenant?: string }): Promise<JsonObject>;
  /** What a user's preferences mean for each channel step of a workflow, and which set decided. */
  explainPreferences<Key extends WorkflowKey<W>>(
    userId: string,
    workflow: Key,
    options?: { tenant?: string; data?: JsonObject },
  ): Promise<PreferenceVerdict[]>;
  /** A notification with a page of its runs, and why each did what it did; `null` when there is none. */
  notification(id: string, runs?: PageOptions): Promise<Notification | null>;
  /**
   * Why somebody did or did not get something: of one notification, or of a workflow in a time, newest first, at most 20.
   *
   * @example
   * const told = await knock.explain("ada", { workflow: "new-comment", from: yesterday });
   * if (told.ok) for (const { text } of told.explanations) console.log(text);
   */
  explain(
    userId: string,
    what: { notificationId: string } | { workflow: WorkflowKey<W>; from?: Date | string; until?: Date | string },
  ): Promise<
    Result<
      { explanations: Explanation[]; more: boolean; reason: string | null },
      "INVALID_INPUT" | "NOT_FOUND" | "UNKNOWN_WORKFLOW"
    >
  >;
  /** A run by id; `null` when there is none. */
  run(id: string): Promise<Run | null>;
  /** A person's in-app messages, the newest arrivals first. The counts do not follow `filter.status`. */
  feed(userId: string, options?: PageOptions & { filter?: FeedSelection }): Promise<Feed>;
  /**
   * Marks up to 10,000 messages, or everything in a person's feed that a filter asks for.
   *
   * @example await knock.markMessages({ userId: "ada", filter: { category: "comments" } }, "READ");
   */
  markMessages(
    which: readonly string[] | { userId: string; filter?: FeedSelection },
    as: Marking,
  ): Promise<Result<{ marked: number }>>;
}

interface Edges<Node> {
  edges: { node: Node }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const pageOf = <Node>({ edges, pageInfo }: Edges<Node>): Page<Node> => ({
  nodes: edges.map(({ node }) => node),
  ...pageInfo,
});

/**
 * Creates a client. Nothing is sent before the first call.
 *
 * @example
 * import type * as workflows from "../workflows/index.ts";
 * const knock = createClient<typeof workflows>({ url: "http://localhost:3000", apiKey: process.env.KNOCK_API_KEY });
 */
export function createClient<W extends Workflows>(connection: Connection): Client<W> {
  const send = (name: DocumentName, variables: object) => request(connection, name, variables);
  const act = async (name: DocumentName, variables: object) => resultOf(await send(name, variables)) as never;
  const actOnEach = async (name: DocumentName, variables: object, count: number) => {
    const answer = await send(name, variables);
    // A request whose input is refused as a whole refuses everything in it.
    const results: unknown[] = Array.isArray(answer) ? answer : Array.from({ length: count }, () => answer);
    return results.map((result) => resultOf(result) as never);
  };
  const read = async <Answer>(name: DocumentName, variables: object) =>
    readingOf(await send(name, variables)) as Answer;
  return {
    notify: (workflow, call) => act("notify", { input: { ...call, workflow } }),
    notifyMany: (calls) => actOnEach("notifyMany", { inputs: calls }, calls.length),
    simulate: (workflow, call, options) => act("simulate", { input: { ...call, workflow }, ...options }),
    cancel: (cancellationKey, recipients) => act("cancel", { cancellationKey, recipients }),
    createSchedules: (workflow, call) => act("createSchedules", { input: { ...call, workflow } }),
    updateSchedules: (ids, input) => act("updateSchedules", { ids, input }),
    deleteSchedules: (ids) => act("deleteSchedules", { ids }),
    schedule: (id) => read<Schedule | null>("schedule", { id }),
    schedules: async (options) => pageOf(await read<Edges<Schedule>>("schedules", { ...options })),
    signalEvent: (name, event) => act("signalEvent", { name, ...event }),
    rerun: (ids) => actOnEach("rerun", { ids }, ids.length),
    async batch(id, page) {
      type Read = Omit<Batch, "activities"> & { activities: Edges<Batch["activities"]["nodes"][number]> };
      const found = await read<Read | null>("batch", { id, ...page });
      return found && { ...found, activities: pageOf(found.activities) };
    },
    upsertUser: (input) => act("upsertUser", { input }),
    upsertUsers: (users) => act("upsertUsers", { users }),
    deleteUser: (id) => act("deleteUser", { id }),
    upsertList: (name, properties) => act("upsertList", { input: { name, properties } }),
    deleteList: (name) => act("deleteList", { name }),
    addListMembers: (list, members) =>
      act("addListMembers", {
        list,
        members: members.map((member) => (typeof member === "string" ? { userId: member } : member)),
      }),
    removeListMembers: (list, userIds) => act("removeListMembers", { list, userIds }),
    setPreferences: (input) => act("setPreferences", { input }),
    userPreferences: async (userId, options) =>
      (await read<{ preferences: JsonObject }>("userPreferences", { userId, ...options })).preferences,
    explainPreferences: async (userId, workflow, options) =>
      (await read<{ explain: PreferenceVerdict[] }>("explainPreferences", { userId, workflow, ...options })).explain,
    async notification(id, runs) {
      const found = await read<(Omit<Notification, "runs"> & { runs: Edges<Run> }) | null>("notification", {
        id,
        ...runs,
      });
      return found && { ...found, runs: pageOf(found.runs) };
    },
    explain: (userId, what) => act("explain", { userId, ...what }),
    run: (id) => read<Run | null>("run", { id }),
    async feed(userId, options) {
      const { edges, pageInfo, ...counts } = await read<Edges<FeedMessage> & Omit<Feed, keyof Page<FeedMessage>>>(
        "feed",
        {
          userId,
          ...options,
        },
      );
      return { ...pageOf({ edges, pageInfo }), ...counts };
    },
    markMessages: (which, as) => act("markMessages", { ...("userId" in which ? { all: which } : { ids: which }), as }),
  };
}

export { KnockError, type ErrorCode } from "../base/errors.ts";
export type { Connection } from "./post.ts";
export type * from "./explanation.ts";
export type * from "./simulation.ts";
export type * from "./types.ts";
export type * from "./user-feed.ts";
export { createFeed } from "./feed/create-feed.ts";
export type * from "./feed/types.ts";
export { createPreferences } from "./preferences/create-preferences.ts";
export type * from "./preferences/types.ts";
