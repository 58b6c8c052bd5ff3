// Objects as recipients.
import { KnockError } from "../../base/errors.ts";
import { type ObjectReference, objectProblem, objectRecipientId } from "../../base/object-id.ts";
import {
  deleteObjects as erase,
  type ObjectInput,
  pageObjects,
  recipientInputOf,
  type StoredObject,
  storedObjectOf,
} from "../../store/objects.ts";
import type { Page, PageArguments } from "../../store/paging.ts";
import { findUsers, MAX_USERS_PER_CALL, upsertUsers, type UserInput } from "../../store/users.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";
import { inlineIssues, objectIssues } from "./user-input.ts";

/** The recipient id of an object that can exist. */
export const idOfObject = (object: ObjectReference): string | null =>
  objectProblem(object) === null ? objectRecipientId(object) : null;

/** An object; `null` when there is none. */
export async function findObject({ database }: Directory, object: ObjectReference): Promise<StoredObject | null> {
  const id = idOfObject(object);
  const found = id === null ? undefined : (await findUsers(database.db, [id])).get(id);
  return found ? storedObjectOf(found) : null;
}

/**
 * Creates objects, or merges into those that exist, as users: absent members stay, `null` empties, properties are
 * merged deeply. At most 10,000 a call; all or none are stored. Errors: `INVALID_INPUT`.
 *
 * @example await upsertObjects(directory, [{ collection: "projects", id: "7", name: "Apollo" }])
 */
export async function upsertObjects(
  directory: Directory,
  objects: readonly ObjectInput[],
  options: InTransaction = {},
): Promise<Outcome<{ objects: StoredObject[] }>> {
  // Looked at before a million objects are checked one by one.
  if (objects.length <= MAX_USERS_PER_CALL) {
    const issues = objects.flatMap((object, index) => objectIssues(object, ["objects", index]));
    if (issues.length > 0) return invalid("The call", issues);
  }
  return attempt(directory, options, async (db) => {
    await upsertUsers(db, objects.map(recipientInputOf), directory.clock.now());
    const stored = await findUsers(db, objects.map(objectRecipientId));
    return { objects: [...stored.values()].flatMap((user) => storedObjectOf(user) ?? []) };
  });
}

/**
 * Creates or merges people and objects together, as `upsertUsers` and `upsertObjects` do for one kind. Errors:
 * `INVALID_INPUT`.
 */
export async function upsertRecipients(
  directory: Directory,
  recipients: readonly (UserInput | ObjectInput)[],
  options: InTransaction = {},
): Promise<Outcome> {
  const few = recipients.length <= MAX_USERS_PER_CALL;
  const issues = few ? recipients.flatMap((given, index) => inlineIssues(given, ["recipients", index])) : [];
  if (issues.length > 0) return invalid("The call", issues);
  const inputs = recipients.map((given) => ("collection" in given ? recipientInputOf(given) : given));
  return attempt(directory, options, async (db) => {
    await upsertUsers(db, inputs, directory.clock.now());
    return {};
  });
}

/** Creates one object or merges into it. Errors: `INVALID_INPUT`. */
export async function upsertObject(
  directory: Directory,
  object: ObjectInput,
  options: InTransaction = {},
): Promise<Outcome<{ object: StoredObject }>> {
  const issues = objectIssues(object, []);
  if (issues.length > 0) return invalid("The object", issues);
  const outcome = await upsertObjects(directory, [object], options);
  return outcome.ok ? { ok: true, object: outcome.objects[0]! } : outcome;
}

/** Deletes objects with their subscribers, preferences and messages. Answers those that there were. */
export async function deleteObjects(
  directory: Directory,
  objects: readonly ObjectReference[],
  options: InTransaction = {},
): Promise<Outcome<{ deleted: ObjectReference[] }>> {
  const byId = new Map(
    objects.flatMap((object) => (idOfObject(object) === null ? [] : [[idOfObject(object)!, object] as const])),
  );
  return attempt(directory, options, async (db) => {
    const gone = await erase(db, [...byId.keys()], directory.clock.now());
    return { deleted: gone.map((id) => byId.get(id)!) };
  });
}

/** Deletes an object with its subscribers, preferences and messages. Errors: `NOT_FOUND`. */
export async function deleteObject(
  directory: Directory,
  object: ObjectReference,
  options: InTransaction = {},
): Promise<Outcome<{ object: ObjectReference }>> {
  const outcome = await deleteObjects(directory, [object], options);
  if (!outcome.ok) return outcome;
  if (outcome.deleted.length > 0) return { ok: true, object };
  const id = `${object.collection}/${object.id}`;
  return { ok: false, error: new KnockError("NOT_FOUND", { what: "object", id }) };
}

/** One page of the objects of a collection, by id. Errors: `INVALID_INPUT`, thrown. */
export async function listObjects(
  { database }: Directory,
  collection: string,
  args: PageArguments = {},
): Promise<Page<StoredObject>> {
  const page = await pageObjects(database.db, collection, args);
  return { ...page, nodes: page.nodes.flatMap((user) => storedObjectOf(user) ?? []) };
}
