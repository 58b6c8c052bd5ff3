// What the hosted product has and this does not, by design: said clearly instead of "not found".
import { RestError } from "./route.ts";

const parts: readonly { path: RegExp; what: string }[] = [
  { path: /^\/v1\/integrations\/census(\/|$)/, what: "Census syncs" },
  { path: /^\/v1\/integrations\/hightouch(\/|$)/, what: "Hightouch syncs" },
  { path: /^\/v1\/users\/[^/]+\/guides(\/|$)/, what: "Guides" },
  { path: /^\/v1\/users\/[^/]+\/preference_center\/config$/, what: "Settings of the page of preferences" },
  { path: /^\/v1\/providers\/slack(\/|$)/, what: "Slack OAuth" },
  { path: /^\/v1\/providers\/ms-teams(\/|$)/, what: "Microsoft Teams OAuth" },
];

/** Why a path leads nowhere by design; `null` when it is simply unknown. */
export function notHere(pathname: string): RestError | null {
  const part = parts.find(({ path }) => path.test(pathname));
  if (!part) return null;
  const message = `${part.what} are not part of this server, by design. See docs/rest.md.`;
  return new RestError(501, { code: "not_implemented", message });
}
