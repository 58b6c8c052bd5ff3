// Who gets what is sent to an object.
import type { Issue } from "../../base/errors.ts";
import type { JsonObject } from "../../base/canonical-json.ts";
import { type ObjectReference, objectIdProblem, objectProblem, objectRecipientId } from "../../base/object-id.ts";
import { userIdProblem } from "../../base/text.ts";
import type { Page, PageArguments } from "../../store/paging.ts";
import {
  addSubscriptions,
  findSubscriptions,
  pageSubscribers,
  pageSubscriptionsOf,
  removeSubscriptions,
  type StoredSubscription,
} from "../../store/subscriptions.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";
import { idOfObject } from "./objects.ts";
import { propertiesIssues } from "./user-input.ts";

/** Who subscribes to an object, or does so no longer. */
export interface Subscribing {
  object: ObjectReference;
  /** Ids of people, or of objects as recipients: `ada`, `#teams/4`. They need not exist yet. */
  recipients: readonly string[];
  /** Of each of these subscriptions; merged deeply into what is stored. Templates read it as `recipient.membership`. */
  properties?: JsonObject;
}

type Ending = Omit<Subscribing, "properties">;

function subscribingIssues({ object, recipients, properties }: Subscribing, path: Issue["path"]): Issue[] {
  const found = objectProblem(object);
  const what = found?.part === "id" ? "The id of an object" : "A collection";
  return [
    ...(found
      ? [{ path: [...path, "object", found.part], message: `${what} ${found.problem}.`, code: "invalid_id" }]
      : []),
    ...recipients.flatMap((id, index): Issue[] => {
      const problem = userIdProblem(id) ?? objectIdProblem(id);
      if (!problem) return [];
      return [{ path: [...path, "recipients", index], message: `A recipient id ${problem}.`, code: "invalid_id" }];
    }),
    ...propertiesIssues(properties, [...path, "properties"]),
  ];
}

const pairsOf = (all: readonly Ending[]) =>
  all.flatMap(({ object, recipients }) => {
    const id = idOfObject(object);
    return id === null ? [] : recipients.map((recipient) => ({ object: id, recipient }));
  });

async function subscribeAll(
  directory: Directory,
  all: readonly Subscribing[],
  { issues, ...options }: InTransaction & { issues: Issue[] },
): Promise<Outcome<{ added: number; updated: number }>> {
  if (issues.length > 0) return invalid("The call", issues);
  const wanted = all.flatMap(({ object, recipients, properties = {} }) =>
    recipients.map((recipient) => ({ object: objectRecipientId(object), recipient, properties })),
  );
  return attempt(directory, options, (db) => addSubscriptions(db, wanted, directory.clock.now()));
}

/**
 * Subscribes recipients to an object, which becomes known when it is not. For those who are subscribed the properties
 * are merged. At most 10,000 a call. Errors: `INVALID_INPUT`.
 *
 * @example await subscribe(directory, { object: { collection: "projects", id: "7" }, recipients: ["ada"], properties: { role: "owner" } })
 */
export const subscribe = (
  directory: Directory,
  subscribing: Subscribing,
  options: InTransaction = {},
): Promise<Outcome<{ added: number; updated: number }>> =>
  subscribeAll(directory, [subscribing], { ...options, issues: subscribingIssues(subscribing, []) });

/** Subscribes recipients to several objects: all or none, at most 10,000 in all. Errors: `INVALID_INPUT`. */
export const subscribeEach = (
  directory: Directory,
  all: readonly Subscribing[],
  options: InTransaction = {},
): Promise<Outcome<{ added: number; updated: number }>> =>
  subscribeAll(directory, all, {
    ...options,
    issues: all.flatMap((one, index) => subscribingIssues(one, ["subscriptions", index])),
  });

/** Ends subscriptions to several objects; says how many there were. At most 10,000 in all. Errors: `INVALID_INPUT`. */
export const unsubscribeEach = (
  directory: Directory,
  all: readonly Ending[],
  options: InTransaction = {},
): Promise<Outcome<{ removed: number }>> =>
  attempt(directory, options, async (db) => ({
    removed: await removeSubscriptions(db, pairsOf(all), directory.clock.now()),
  }));

/** Ends subscriptions to an object; says how many there were. At most 10,000 a call. Errors: `INVALID_INPUT`. */
export const unsubscribe = (
  directory: Directory,
  ending: Ending,
  options: InTransaction = {},
): Promise<Outcome<{ removed: number }>> => unsubscribeEach(directory, [ending], options);

/** Those of the subscriptions that there are, by object and recipient. */
export const subscriptionsOf = (
  { database }: Directory,
  wanted: readonly Ending[],
  { tx }: InTransaction = {},
): Promise<StoredSubscription[]> => findSubscriptions(tx ?? database.db, pairsOf(wanted));

const empty = { nodes: [], hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };

/** One page of the subscribers of an object, by id; of those in `among` when given. Errors: `INVALID_INPUT`, thrown. */
export async function listSubscribers(
  { database }: Directory,
  object: ObjectReference,
  args: PageArguments & { among?: readonly string[] | null } = {},
): Promise<Page<StoredSubscription>> {
  const id = idOfObject(object);
  return id === null ? empty : pageSubscribers(database.db, id, args);
}

/** One page of what a recipient is subscribed to, by object; of those in `among` when given. Errors: `INVALID_INPUT`, thrown. */
export function listSubscriptions(
  { database }: Directory,
  recipient: string,
  { among = null, ...args }: PageArguments & { among?: readonly ObjectReference[] | null } = {},
): Promise<Page<StoredSubscription>> {
  const wanted = among && among.flatMap((object) => idOfObject(object) ?? []);
  return pageSubscriptionsOf(database.db, recipient, { ...args, among: wanted });
}
