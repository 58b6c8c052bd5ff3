// What messages tell of: one notification, or those of a batch.
import type { z } from "zod";
import type { Executor } from "../../store/executor.ts";
import type { Page, PageArguments } from "../../store/paging.ts";
import { type ActivityRead, pageActivitiesOf, readBatches } from "../../store/reads/batches.ts";
import { type NotificationRead, readNotifications } from "../../store/reads/notifications.ts";
import { readRuns } from "../../store/reads/runs.ts";
import { findUsers, type StoredUser } from "../../store/users.ts";
import type { activityShape } from "./shapes/message.ts";
import { presentKnown } from "./shapes/user.ts";

type Activity = z.output<typeof activityShape>;

/** A message whose activities are wanted. */
export interface Told {
  recipientId: string;
  notificationId: string;
  /** The batch that it tells of; `null` for a message of one notification. */
  batchId: string | null;
}

function present(
  { recipientId }: Told,
  notification: NotificationRead,
  users: ReadonlyMap<string, StoredUser>,
): Activity {
  const { id, actorId, data, createdAt } = notification;
  const at = createdAt.toISOString();
  return {
    __typename: "Activity",
    id,
    actor: actorId === null ? null : presentKnown(actorId, users.get(actorId)),
    recipient: presentKnown(recipientId, users.get(recipientId)),
    data,
    inserted_at: at,
    updated_at: at,
  };
}

/** What a caller may see of people whom they are told of. */
export type Show = (user: StoredUser) => StoredUser;

/** All of them, for servers. */
export const inFull: Show = (user) => user;

/** To other people: who they are, and neither their addresses nor what the project knows of them. */
export const inPublic: Show = (user) => ({
  ...user,
  email: null,
  phoneNumber: null,
  locale: null,
  timezone: null,
  properties: {},
});

/** People by id, as far as a caller may see them. */
export async function shownUsers(
  db: Executor,
  ids: Iterable<string>,
  show: Show,
): Promise<ReadonlyMap<string, StoredUser>> {
  const users = await findUsers(db, new Set(ids));
  return new Map([...users].map(([id, user]) => [id, show(user)]));
}

/** The batch that a run has passed last; `null` when it has passed none. */
export async function batchOfRun(db: Executor, runId: string): Promise<string | null> {
  const run = (await readRuns(db, [runId])).get(runId);
  const named = Object.values(run?.state.results ?? {}).flatMap(({ batch }) =>
    typeof batch === "string" ? [batch] : [],
  );
  if (named.length === 0) return null;
  const closed = [...(await readBatches(db, named)).values()].filter(({ closedAt }) => closedAt !== null);
  const [last] = closed.toSorted((one, other) => other.closedAt!.getTime() - one.closedAt!.getTime());
  return last?.id ?? null;
}

const only = (told: Told): Page<Pick<ActivityRead, "notificationId">> => ({
  nodes: [{ notificationId: told.notificationId }],
  hasNextPage: false,
  hasPreviousPage: false,
  startCursor: null,
  endCursor: null,
});

/** One page of the activities of each message, in order, with a few statements for all of them. */
export async function activitiesOf(
  db: Executor,
  messages: readonly Told[],
  { show, ...args }: PageArguments & { show: Show },
): Promise<Page<Activity>[]> {
  const batches = messages.flatMap(({ batchId }) => (batchId === null ? [] : [batchId]));
  const paged = batches.length > 0 ? await pageActivitiesOf(db, batches, args) : new Map<string, never>();
  const pages = messages.map((told) => (told.batchId === null ? only(told) : (paged.get(told.batchId) ?? only(told))));
  const ids = pages.flatMap(({ nodes }) => nodes.map(({ notificationId }) => notificationId));
  const notifications = await readNotifications(db, [...new Set(ids)]);
  const actors = [...notifications.values()].flatMap(({ actorId }) => (actorId === null ? [] : [actorId]));
  const users = await shownUsers(db, [...actors, ...messages.map(({ recipientId }) => recipientId)], show);
  return pages.map(({ nodes, ...page }, index) => ({
    ...page,
    // A notification that was deleted meanwhile leaves its place empty.
    nodes: nodes.flatMap(({ notificationId }) => {
      const notification = notifications.get(notificationId);
      return notification ? [present(messages[index]!, notification, users)] : [];
    }),
  }));
}
