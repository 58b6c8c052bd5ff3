// The REST surface: every request passes authentication, the rules of its route and the route's schemas, in this order.
import type { z } from "zod";
import { KnockError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Authenticate, credentialsOf } from "../auth/authenticate.ts";
import { grantedTo, type Identity } from "../auth/identity.ts";
import { createWording, envelope, invalidParam, invalidParams, issuesOf } from "./errors.ts";
import { notHere } from "./not-here.ts";
import { openApiDocument } from "./openapi.ts";
import { coerceQuery, parseQuery } from "./query.ts";
import { RestError, type RestAnswer, type Route } from "./route.ts";
import { routeTable } from "./route-table.ts";
import { routes as allRoutes } from "./routes.ts";

/** How to answer REST. */
export interface RestOptions {
  engine: Engine;
  /** Finds the caller. */
  authenticate: Authenticate;
  /** Default: all of them. */
  routes?: readonly Route[];
  /** Told of each answer before it is sent. For tests, which compare it with what the route promises. */
  onAnswer?: (route: Route, answer: RestAnswer) => void;
}

/** Answers requests of the web platform below `/v1`. */
export type RestHandler = (request: Request) => Promise<Response>;

/** Where the document of the surface is. */
const DOCUMENT = "/v1/openapi.json";

/** Refuses who may not use a route. A person learns nothing of other people, not even that they exist. */
function checkAccess({ scope, viewer: open }: Route, { viewer, ...identity }: Identity, params: object): void {
  if (viewer) {
    const own = open === "messages" || (open === "user" && "user_id" in params && params.user_id === viewer.userId);
    if (!own) throw new KnockError("FORBIDDEN", { needed: scope, viewer: true });
    return;
  }
  if (grantedTo({ ...identity, viewer })[scope]) return;
  throw new KnockError("FORBIDDEN", { needed: scope, keyless: identity.key === null });
}

async function bodyOf(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new RestError(400, { code: "invalid_params", message: "The body is not JSON." });
  }
}

function checked(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return value;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidParams(issuesOf(parsed.error));
}

/** The input of a route, checked. What cannot be stored anywhere is refused here once for all. */
async function inputOf(route: Route, params: Record<string, string>, request: Request) {
  const query = parseQuery(new URL(request.url).search);
  if (Object.values(params).some((value) => value.includes("\0"))) {
    throw invalidParam([], "A path holds a character that cannot be stored.", "invalid_text");
  }
  return {
    params: checked(route.params, params),
    query: checked(route.query, route.query ? coerceQuery(route.query, query) : query),
    body: route.body ? checked(route.body, await bodyOf(request)) : undefined,
    headers: request.headers,
  };
}

const answerOf = ({ status, body, headers }: RestAnswer): Response => {
  const init = { status, headers: { "cache-control": "no-store", ...headers } };
  return body === undefined ? new Response(null, init) : Response.json(body, init);
};

function unmatched(methods: string[], { method }: Request, pathname: string): RestError {
  const designed = notHere(pathname);
  if (designed) return designed;
  if (methods.length === 0) {
    return new RestError(404, { code: "not_found", message: `There is nothing at ${pathname}. See ${DOCUMENT}.` });
  }
  const message = `${method} is not possible here, but ${methods.join(", ")}.`;
  return new RestError(405, { code: "method_not_allowed", message });
}

/**
 * Makes the handler of `/v1`.
 *
 * @example const handle = createRest({ engine, authenticate });
 */
export function createRest(options: RestOptions): RestHandler {
  const { engine, authenticate, routes = allRoutes, onAnswer } = options;
  const { clock, logger, channelIds } = engine.context;
  const find = routeTable(routes);
  const word = createWording({ clock, logger });
  let document: object | null = null;

  async function answer(request: Request, requestId: string): Promise<RestAnswer> {
    const { pathname } = new URL(request.url);
    if (pathname === DOCUMENT && request.method === "GET") {
      return { status: 200, body: (document ??= openApiDocument(routes)) };
    }
    const identity = await authenticate(credentialsOf(request.headers));
    const match = find(request.method, pathname);
    if ("methods" in match) throw unmatched(match.methods, request, pathname);
    const { route, params } = match;
    checkAccess(route, identity, params);
    const input = await inputOf(route, params, request);
    const given = await route.handle(input, { engine, identity, requestId, channelIds });
    onAnswer?.(route, given);
    return given;
  }

  return async (request) => {
    const requestId = newId(clock.now());
    const given = await answer(request, requestId).catch((error: unknown): RestAnswer => {
      const refused = word(error);
      return { status: refused.status, body: envelope(refused) };
    });
    const response = answerOf(given);
    // What browsers ask of other origins is answered around all routes: src/server/cors.ts.
    response.headers.set("x-request-id", requestId);
    return response;
  };
}
