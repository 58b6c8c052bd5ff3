// Loads what the runs of a chunk read, with a few statements for all of them.
import type { Executor } from "../store/executor.ts";
import type { StoredNotification } from "../store/notifications.ts";
import { loadRecipients, loadTenants, type RecipientRow } from "../store/recipients.ts";
import type { NotificationSnapshot, PersonSnapshot, RunInput } from "./run.ts";

const personOf = ({
  id,
  name,
  email,
  phoneNumber,
  avatar,
  locale,
  timezone,
  properties,
  channelData,
}: RecipientRow): PersonSnapshot => ({
  id,
  name,
  email,
  phoneNumber,
  avatar,
  locale,
  timezone,
  properties,
  channelData,
});

const distinct = (ids: Iterable<string | null>): string[] => [...new Set([...ids].filter((id) => id !== null))];

/** Notifications as their runs see them, by id: actors and tenants are read now, not when notify was called. */
export async function notificationSnapshots(
  tx: Executor,
  notifications: readonly StoredNotification[],
): Promise<Map<string, NotificationSnapshot>> {
  const actorIds = distinct(notifications.map(({ actorId }) => actorId));
  const tenantIds = distinct(notifications.map(({ tenantId }) => tenantId));
  const actorRows =
    actorIds.length > 0
      ? await loadRecipients(
          tx,
          actorIds.map((recipientId) => ({ recipientId, tenantId: null })),
        )
      : [];
  const tenantRows = tenantIds.length > 0 ? await loadTenants(tx, tenantIds) : [];
  const actors = new Map(actorRows.map((row) => [row.id, personOf(row)]));
  const tenants = new Map(tenantRows.map(({ preferences, ...tenant }) => [tenant.id, { tenant, preferences }]));
  return new Map(
    notifications.map(({ id, workflow, data, actorId, tenantId }) => {
      const known = tenantId === null ? undefined : tenants.get(tenantId);
      const snapshot: NotificationSnapshot = {
        id,
        workflow,
        data,
        actor: actorId === null ? null : (actors.get(actorId) ?? null),
        tenant: known?.tenant ?? null,
        tenantId,
        tenantPreferences: known?.preferences ?? null,
      };
      return [id, snapshot];
    }),
  );
}

/** The part of a run's input that belongs to its recipient. */
export type RecipientSnapshot = Pick<RunInput, "recipient" | "known" | "preferences">;

const keyOf = (recipientId: string, tenantId: string | null) => `${tenantId ?? ""}\0${recipientId}`;

/** Recipients as they are now; the answer finds one by user and tenant. */
export async function recipientSnapshots(
  tx: Executor,
  wanted: readonly { recipientId: string; tenantId: string | null }[],
): Promise<(recipientId: string, tenantId: string | null) => RecipientSnapshot> {
  const pairs = new Map(wanted.map((pair) => [keyOf(pair.recipientId, pair.tenantId), pair]));
  const found = new Map<string, RecipientSnapshot>();
  for (const row of await loadRecipients(tx, [...pairs.values()])) {
    found.set(keyOf(row.id, row.tenantId), {
      recipient: personOf(row),
      known: row.known,
      preferences: { recipient: row.preferences, recipientTenant: row.tenantPreferences },
    });
  }
  return (recipientId, tenantId) => found.get(keyOf(recipientId, tenantId))!;
}
