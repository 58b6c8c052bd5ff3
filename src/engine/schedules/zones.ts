import { distinct } from "../../base/arrays.ts";
import type { Executor } from "../../store/executor.ts";
import { type KnownZones, loadZones, type StoredSchedule } from "../../store/schedules.ts";
import { zoneOf } from "../time/zone-of.ts";

/** The part of a schedule that its zone depends on. */
export type Zoned = Pick<StoredSchedule, "timezone" | "recipientId" | "tenantId">;

/** Reads the zones of those schedules that have none of their own. */
export async function zonesFor(db: Executor, schedules: readonly Zoned[]): Promise<KnownZones> {
  const open = schedules.filter(({ timezone }) => timezone === null);
  const users = distinct(open.map(({ recipientId }) => recipientId));
  const tenants = distinct(open.map(({ tenantId }) => tenantId));
  if (users.length + tenants.length === 0) return { users: new Map(), tenants: new Map() };
  return loadZones(db, { users, tenants });
}

/** The zone of a schedule: its own, else the recipient's, the tenant's, the configured one, UTC. */
export function zoneOfSchedule(
  { timezone, recipientId, tenantId }: Zoned,
  known: KnownZones,
  fallback: string,
): string {
  if (timezone !== null) return timezone;
  const ofTenant = tenantId === null ? undefined : known.tenants.get(tenantId);
  return zoneOf({
    recipient: recipientId === null ? null : (known.users.get(recipientId) ?? null),
    tenant: ofTenant === undefined ? null : { properties: { timezone: ofTenant } },
    fallback,
  });
}
