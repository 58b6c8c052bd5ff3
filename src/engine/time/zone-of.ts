import { isZone, UTC } from "../../base/zone.ts";
import type { Tenant } from "../../definition/scope.ts";

/** Where a zone may come from. */
export interface ZoneSources {
  /** The recipient's own. */
  recipient: string | null;
  /** Its property `timezone` counts. */
  tenant: Pick<Tenant, "properties"> | null;
  /** Of the configuration. */
  fallback: string;
}

/**
 * The zone of a recipient: the own one, the tenant's, the configured one, UTC. What is not the name of a zone counts
 * as absent: users and tenants may have been stored by an older runtime, which knew other zones.
 */
export const zoneOf = ({ recipient, tenant, fallback }: ZoneSources): string =>
  [recipient, tenant?.properties.timezone, fallback].find(isZone) ?? UTC;
