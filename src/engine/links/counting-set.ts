import type { PreferenceSetKey } from "../../store/preference-sets.ts";
import type { PreferenceLayers } from "../preferences.ts";

/**
 * The set of a person in which a change counts for messages of a tenant: the one for the tenant only where such sets
 * count already. A first one would switch off everything that the person's own says.
 */
export const countingSet = (
  { recipientTenant, tenant }: PreferenceLayers,
  userId: string,
  tenantId: string | null,
): PreferenceSetKey & { userId: string } =>
  tenantId !== null && (recipientTenant ?? tenant) ? { userId, tenantId } : { userId };
