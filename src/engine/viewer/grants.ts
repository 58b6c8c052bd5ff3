// The grants of a user token, in the form that tokens of the hosted product have.

const TENANT = /\/v1\/(?:tenants|objects\/\$tenants)\/([^/]+)$/;

/**
 * The tenants that a token is limited to; `null` when it names none. Grants are a map of resources to what may be done
 * with them.
 *
 * @example grantedTenants({ grants: { "https://api.knock.app/v1/objects/$tenants/acme": { "feed/read": [{}] } } }) // ["acme"]
 */
export function grantedTenants({ grants }: Readonly<Record<string, unknown>>): string[] | null {
  if (typeof grants !== "object" || grants === null) return null;
  const tenants = Object.keys(grants).flatMap((resource) => TENANT.exec(resource)?.[1] ?? []);
  return tenants.length > 0 ? tenants.map(decodeURIComponent) : null;
}
