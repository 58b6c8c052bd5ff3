// The pages that people reach by signed links: no login, no cookie, no script.
import { preferenceGrid } from "../../engine/directory/preference-grid.ts";
import { findTenant } from "../../engine/directory/tenants.ts";
import type { EngineContext, LinkSettings } from "../../engine/engine.ts";
import { countingSet } from "../../engine/links/counting-set.ts";
import { readPreferencesLink, readUnsubscribeLink, signPreferencesLink } from "../../engine/links/token.ts";
import { turnSwitches } from "../../engine/links/turn-switches.ts";
import { subscribe, subscriptionOf } from "../../engine/links/unsubscribe.ts";
import { userPreferences } from "../../engine/directory/preferences.ts";
import { existingUsers } from "../../store/users.ts";
import { brandingOf, type Branding } from "./branding.ts";
import { type Notice, preferencesPage, turnedIn } from "./preferences-page.ts";
import { invalidLinkPage, unsubscribePage } from "./unsubscribe-page.ts";

const ROUTE = /^\/(preferences|unsubscribe)\/([^/]+)$/;

const plain = brandingOf(null);

const isRead = ({ method }: Request): boolean => method === "GET" || method === "HEAD";

/** To the page itself, relative to it: a server may stand behind a path that only its proxy knows. */
const seeOther = (token: string, query: string): Response =>
  new Response(null, {
    status: 303,
    headers: { location: `${token}${query}`, "cache-control": "no-store", "referrer-policy": "same-origin" },
  });

/** What a form of ours sent; empty for anything else, such as the request of a mail program. */
async function formOf(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get("content-type") ?? "";
  return new URLSearchParams(type.startsWith("application/x-www-form-urlencoded") ? await request.text() : "");
}

const noticeOf = ({ searchParams }: URL): Notice =>
  searchParams.has("saved") ? "saved" : searchParams.has("failed") ? "failed" : null;

/** What a request is about. */
interface Opened {
  context: EngineContext;
  links: LinkSettings;
  request: Request;
  token: string;
}

const brandingFor = async (context: EngineContext, tenantId: string | null): Promise<Branding> =>
  tenantId === null ? plain : brandingOf(await findTenant(context, tenantId));

async function preferences({ context, links, request, token }: Opened): Promise<Response> {
  const link = readPreferencesLink(links.secrets, token, context.clock.now());
  if (!link) return invalidLinkPage(plain);
  const { userId, tenantId } = link;
  const [known, branding] = await Promise.all([
    existingUsers(context.database.db, [userId]),
    brandingFor(context, tenantId),
  ]);
  if (known.size === 0) return invalidLinkPage(plain);
  const grid = await preferenceGrid(context, userId, tenantId);
  if (isRead(request)) return preferencesPage(grid, branding, noticeOf(new URL(request.url)));
  const { turns, commercial } = turnedIn(await formOf(request), grid);
  const { layers } = await userPreferences(context, userId, tenantId);
  const outcome = await turnSwitches(context, grid, { of: countingSet(layers, userId, tenantId), turns, commercial });
  return seeOther(token, outcome.ok ? "?saved" : "?failed");
}

async function unsubscribing({ context, links, request, token }: Opened): Promise<Response> {
  const link = readUnsubscribeLink(links.secrets, token);
  if (!link) return invalidLinkPage(plain);
  const { userId, tenantId, channelType } = link;
  const action = isRead(request) ? null : ((await formOf(request)).get("action") ?? "one click");
  const subscription =
    action === null ? await subscriptionOf(context, link) : await subscribe(context, link, action === "undo");
  // A browser that comes back to the page must not send the form again; a mail program follows nothing (RFC 8058).
  if (action === "stop" || action === "undo") return seeOther(token, "");
  const branding = await brandingFor(context, tenantId);
  const page = signPreferencesLink(links.secrets, { userId, tenantId }, context.clock.now());
  return unsubscribePage({ subscription, channelType, branding, preferencesPath: `../preferences/${page}` });
}

/** Answers `/preferences/TOKEN` and `/unsubscribe/TOKEN`; `null` where the config has no links. */
export function createPages(context: EngineContext): ((request: Request) => Promise<Response>) | null {
  const { links } = context;
  if (!links) return null;
  return async (request) => {
    const [, page, token = ""] = ROUTE.exec(new URL(request.url).pathname) ?? [];
    if (!page) return invalidLinkPage(plain);
    if (!isRead(request) && request.method !== "POST") return invalidLinkPage(plain, 405);
    return (page === "preferences" ? preferences : unsubscribing)({ context, links, request, token });
  };
}
