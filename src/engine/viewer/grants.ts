// The grants of a user token, in the form that tokens of the hosted product have: a map of resources to what may be done
// with them. Here naming a tenant is what counts; users and objects may be named, and limit nothing.
import { isStorable } from "../../base/text.ts";

/** Grants that cannot be understood. Such a token must not pass as one without limits. */
export class MalformedGrants extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = "MalformedGrants";
  }
}

// The SDKs put ids into the address as they are, so everything to the end is the id, and nothing is decoded: otherwise
// one who may name a tenant `%61cme` would reach `acme`.
const TENANT = /^(?:https?:\/\/[^/]+)?\/v1\/(?:tenants|objects\/(?:\$|%24)tenants)\/(.+)$/s;
const OTHER = /^(?:https?:\/\/[^/]+)?\/v1\/(?:users|objects)\/(?!(?:\$|%24)tenants(?:\/|$))./;

function tenantIn(resource: string): string[] {
  const tenant = TENANT.exec(resource)?.[1];
  if (tenant !== undefined && isStorable(tenant)) return [tenant];
  if (tenant === undefined && OTHER.test(resource)) return [];
  throw new MalformedGrants(
    "The grants of the user token name something that is neither a user, an object nor a tenant.",
  );
}

/**
 * The tenants that a token is limited to; `null` when it names none, as one without grants or with an empty map.
 *
 * @example grantedTenants({ grants: { "https://api.knock.app/v1/objects/$tenants/acme": { "feed/read": [{}] } } }) // ["acme"]
 * @throws MalformedGrants
 */
export function grantedTenants(claims: Readonly<Record<string, unknown>>): string[] | null {
  const { grants, explicit_grants: explicit } = claims;
  if (explicit !== undefined && explicit !== null && explicit !== false) {
    throw new MalformedGrants("The user token has explicit grants, which this server does not know.");
  }
  if (grants === undefined || grants === null) return null;
  // PHP writes an empty map as an empty list.
  if (typeof grants !== "object" || (Array.isArray(grants) && grants.length > 0)) {
    throw new MalformedGrants("The grants of the user token are no map.");
  }
  const tenants = Object.keys(grants).flatMap(tenantIn);
  return tenants.length > 0 ? [...new Set(tenants)] : null;
}

/** The grants of a token that is limited to tenants. */
export const grantsFor = (tenants: readonly string[]): Record<string, object> =>
  Object.fromEntries(
    tenants.map((tenant) => [`https://api.knock.app/v1/objects/$tenants/${tenant}`, { "user/feed_read": [{}] }]),
  );
