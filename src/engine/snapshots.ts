// Loads what the runs of a chunk read, with a few statements for all of them.
import { distinct } from "../base/arrays.ts";
import type { Executor } from "../store/executor.ts";
import type { StoredNotification } from "../store/notifications.ts";
import { loadRecipients, loadTenants, type RecipientRow } from "../store/recipients.ts";
import type { NotificationSnapshot, PersonSnapshot, RunInput } from "./run.ts";

const NOTHING = Object.freeze({});

const personOf = (id: string, row: RecipientRow): PersonSnapshot => ({
  id,
  name: row.name,
  email: row.email,
  phoneNumber: row.phoneNumber,
  avatar: row.avatar,
  locale: row.locale,
  timezone: row.timezone,
  properties: row.properties ?? NOTHING,
  channelData: row.channelData ?? NOTHING,
});

/** People by id, as steps see them; of one that is no user the id is known. */
export async function peopleById(tx: Executor, ids: readonly string[]): Promise<Map<string, PersonSnapshot>> {
  if (ids.length === 0) return new Map();
  const people = await loadRecipients(
    tx,
    ids.map((recipientId) => ({ recipientId, tenantId: null })),
  );
  return new Map(
    people.map((row) => {
      const id = ids[row.position - 1]!;
      return [id, personOf(id, row)];
    }),
  );
}

/** Notifications as their runs see them, by id: actors and tenants are read now, not when notify was called. */
export async function notificationSnapshots(
  tx: Executor,
  notifications: readonly StoredNotification[],
): Promise<Map<string, NotificationSnapshot>> {
  const actorIds = distinct(notifications.map(({ actorId }) => actorId));
  const tenantIds = distinct(notifications.map(({ tenantId }) => tenantId));
  const tenantRows = tenantIds.length > 0 ? await loadTenants(tx, tenantIds) : [];
  const actors = await peopleById(tx, actorIds);
  const tenants = new Map(tenantRows.map(({ preferences, ...tenant }) => [tenant.id, { tenant, preferences }]));
  return new Map(
    notifications.map(({ id, workflow, data, actorId, tenantId, cancellationKey, source }) => {
      const known = tenantId === null ? undefined : tenants.get(tenantId);
      const snapshot: NotificationSnapshot = {
        id,
        workflow,
        data,
        actor: actorId === null ? null : (actors.get(actorId) ?? null),
        tenant: known?.tenant ?? null,
        tenantId,
        tenantPreferences: known?.preferences ?? null,
        cancellationKey,
        source,
      };
      return [id, snapshot];
    }),
  );
}

/** The part of a run's input that belongs to its recipient. */
export type RecipientSnapshot = Pick<RunInput, "recipient" | "known" | "preferences">;

/** Recipients as they are now; the answer finds one by user and tenant. */
export async function recipientSnapshots(
  tx: Executor,
  wanted: readonly { recipientId: string; tenantId: string | null }[],
): Promise<(recipientId: string, tenantId: string | null) => RecipientSnapshot> {
  const found = new Map<string | null, Map<string, RecipientSnapshot | null>>();
  const distinctly = wanted.filter(({ recipientId, tenantId }) => {
    const people = found.get(tenantId) ?? new Map<string, RecipientSnapshot | null>();
    if (people.size === 0) found.set(tenantId, people);
    return !people.has(recipientId) && people.set(recipientId, null);
  });
  for (const row of await loadRecipients(tx, distinctly)) {
    const { recipientId, tenantId } = distinctly[row.position - 1]!;
    found.get(tenantId)!.set(recipientId, {
      recipient: personOf(recipientId, row),
      known: row.known === true,
      preferences: { recipient: row.preferences, recipientTenant: row.tenantPreferences },
    });
  }
  return (recipientId, tenantId) => found.get(tenantId)!.get(recipientId)!;
}
