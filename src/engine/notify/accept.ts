// Stores a group of prepared calls in one transaction. Each stands alone: a duplicate or an unknown
// actor refuses that call and no other.
import { distinct, slicesOf } from "../../base/arrays.ts";
import { KnockError } from "../../base/errors.ts";
import { objectOf } from "../../base/object-id.ts";
import type { Executor } from "../../store/executor.ts";
import { claimKeys, findKeys, type UsedKey } from "../../store/idempotency.ts";
import { insertNotifications, loadAcceptance, type Acceptance } from "../../store/notifications.ts";
import type { Warning } from "../../store/schema/notifications.ts";
import { MAX_USERS_PER_CALL, upsertUsers } from "../../store/users.ts";
import type { Internals } from "../context.ts";
import type { Job } from "../jobs/port.ts";
import type { NotifyCall, NotifyOutcome } from "../notify-call.ts";
import { inputHash, type Prepared } from "./prepare.ts";
import { withSubscribers } from "./subscribers.ts";

/** Notifications to at most so many people, and no list, never wait behind a broadcast. */
const EXPRESS_RECIPIENTS = 100;

/** People whose runs one express job makes. */
const RECIPIENTS_PER_JOB = 500;

/** Warnings of one kind that are spelt out; a call may name 100,000 strangers. */
const WARNINGS_IN_FULL = 100;

/** What the database knows of calls, which `refusal` and `warningsOf` read. */
export const acceptanceOf = (db: Executor, calls: readonly Prepared[]): Promise<Acceptance> =>
  loadAcceptance(db, {
    users: distinct(calls.flatMap(({ recipients, actorId }) => [...recipients, actorId])),
    lists: distinct(calls.flatMap(({ lists }) => lists)),
    workflows: distinct(calls.map(({ workflow }) => workflow)),
  });

/** Why a call cannot be stored, as far as the database knows; `null` when it can. */
export function refusal({ actorId, users, workflow }: Prepared, found: Acceptance): KnockError | null {
  if (found.inactive.has(workflow)) return new KnockError("WORKFLOW_INACTIVE", { workflow });
  if (actorId === null || found.users.has(actorId) || users.some(({ id }) => id === actorId)) return null;
  return new KnockError("UNKNOWN_ACTOR", { actor: actorId });
}

function shortened(warnings: Warning[], what: string): Warning[] {
  if (warnings.length <= WARNINGS_IN_FULL) return warnings;
  const more = warnings.length - WARNINGS_IN_FULL;
  const { code, path } = warnings[0]!;
  return [...warnings.slice(0, WARNINGS_IN_FULL), { code, message: `${more} more ${what}.`, path: path.slice(0, 1) }];
}

function recipientWords(id: string): string {
  const object = objectOf(id);
  return object ? `object "${object.id}" in "${object.collection}"` : `user "${id}"`;
}

/** What a caller should know of a call that can be stored. */
export function warningsOf({ recipients, lists, users, warnings }: Prepared, found: Acceptance): Warning[] {
  const inline = new Set(users.map(({ id }) => id));
  const strangers = recipients.flatMap((id, index) =>
    found.users.has(id) || inline.has(id)
      ? []
      : [
          {
            code: "UNKNOWN_RECIPIENT",
            message: `There is no ${recipientWords(id)}; steps that need an address are skipped.`,
            path: ["recipients", index],
          },
        ],
  );
  const missing = lists.flatMap((name, index) =>
    found.lists.has(name)
      ? []
      : [{ code: "UNKNOWN_LIST", message: `There is no list "${name}"; it counts as empty.`, path: ["lists", index] }],
  );
  return [...warnings, ...shortened(strangers, "unknown recipients"), ...shortened(missing, "unknown lists")];
}

const duplicate = ({ inputHash }: Pick<Prepared, "inputHash">, first: UsedKey): NotifyOutcome => ({
  ok: false,
  error: new KnockError("DUPLICATE_NOTIFICATION", {
    notificationId: first.notificationId,
    firstAt: first.createdAt,
    ...(first.requestId !== null && { requestId: first.requestId }),
    sameInput: first.inputHash === inputHash,
  }),
});

/**
 * The duplicate that a refused call would be: a key that was used refuses every later call, whatever else is
 * wrong with it. `null` when the key is free.
 */
export async function usedKey(db: Executor, call: NotifyCall): Promise<NotifyOutcome | null> {
  const { idempotencyKey: key } = call;
  if (typeof key !== "string") return null;
  const first = (await findKeys(db, [key])).get(key);
  return first ? duplicate({ inputHash: inputHash(call) }, first) : null;
}

/** The jobs that make the runs of accepted calls. */
export function jobsFor(accepted: readonly Prepared[]): Job[] {
  const jobs: Job[] = [];
  let express: string[] = [];
  let people = 0;
  const flush = () => {
    if (express.length > 0) jobs.push({ kind: "express", data: { notifications: express } });
    [express, people] = [[], 0];
  };
  for (const { id, recipients, lists } of accepted) {
    if (lists.length > 0 || recipients.length > EXPRESS_RECIPIENTS) {
      jobs.push({ kind: "fanOut", data: { notification: id, number: 0, list: -1, after: null } });
      continue;
    }
    if (people + recipients.length > RECIPIENTS_PER_JOB) flush();
    express.push(id);
    people += recipients.length;
  }
  flush();
  return jobs;
}

interface ClaimOptions {
  isRefused: (call: Prepared) => boolean;
  now: Date;
}

/**
 * Claims the keys of calls that are not refused: the first of each key in this group, if no earlier call
 * has it. Says of all other keys who had them first.
 */
async function claim(tx: Executor, calls: readonly Prepared[], { isRefused, now }: ClaimOptions) {
  const byKey = new Map<string, Prepared>();
  const fit = calls.filter((call) => !isRefused(call));
  for (const call of fit) {
    if (call.idempotencyKey !== null && !byKey.has(call.idempotencyKey)) byKey.set(call.idempotencyKey, call);
  }
  const wanted = [...byKey].map(([key, { id, ...call }]) => ({
    key,
    notificationId: id,
    inputHash: call.inputHash,
    requestId: call.requestId,
  }));
  const claimed = await claimKeys(tx, wanted, now);
  const won = new Set(
    fit.filter(
      (call) =>
        call.idempotencyKey === null || (claimed.has(call.idempotencyKey) && byKey.get(call.idempotencyKey) === call),
    ),
  );
  const lost = calls.flatMap((call) => (won.has(call) || call.idempotencyKey === null ? [] : [call.idempotencyKey]));
  return { won, firsts: lost.length > 0 ? await findKeys(tx, lost) : new Map<string, UsedKey>() };
}

function versionOf({ deployed }: Internals, { structure, workflow }: Prepared): string {
  const id = deployed.get(structure);
  if (id === undefined) throw new Error(`workflow "${workflow}" is not deployed: start() comes before the first call`);
  return id;
}

/** The transaction that stores calls, and takes their jobs. */
export interface Accepting {
  tx: Executor;
  send(jobs: readonly Job[]): Promise<void>;
}

/** Stores a group of calls and sends their jobs. Answers one outcome per call, in order. */
export async function accept(
  internals: Internals,
  { tx, send }: Accepting,
  calls: readonly Prepared[],
): Promise<NotifyOutcome[]> {
  const now = internals.clock.now();
  const found = await acceptanceOf(tx, calls);
  const refusals = new Map(calls.map((call) => [call, refusal(call, found)]));
  const { won, firsts } = await claim(tx, calls, { isRefused: (call) => refusals.get(call) !== null, now });
  const accepted = [...won];
  const users = accepted.flatMap((call) => call.users);
  for (const slice of slicesOf(users, MAX_USERS_PER_CALL)) await upsertUsers(tx, slice, now);
  const warnings = new Map(accepted.map((call) => [call, warningsOf(call, found)]));
  if (accepted.length > 0) {
    const addressed = await withSubscribers(tx, accepted);
    const stored = addressed.map((call, index) => ({
      ...call,
      versionId: versionOf(internals, call),
      warnings: warnings.get(accepted[index]!)!,
    }));
    // One does not wait for the answer of the other: a round trip less for every caller.
    await Promise.all([insertNotifications(tx, stored, now), send(jobsFor(addressed))]);
  }
  return calls.map((call): NotifyOutcome => {
    const first = call.idempotencyKey === null || won.has(call) ? undefined : firsts.get(call.idempotencyKey);
    // Its own id: it was stored before, by a group whose commit got no answer and which is tried again.
    if (first && first.notificationId !== call.id) return duplicate(call, first);
    const error = first ? null : refusals.get(call);
    if (error) return { ok: false, error };
    const notification = { id: call.id, workflow: call.workflow, status: "accepted" as const, createdAt: now };
    return { ok: true, notification, warnings: warnings.get(call) ?? [] };
  });
}
