// Which pages may call from a browser. Callers are known by what their headers carry, never by cookies, so the page of a
// stranger can do no more than the stranger: where keys are required, pages of all origins may call unless the config
// names some. A server without keys would do anything for any page, so there only pages of this machine may.
import type { IncomingMessage } from "node:http";

/** Origins of pages that may call; `*`: all. */
export type Origins = readonly string[] | "*";

export interface CorsOptions {
  origins: Origins;
  /** Answers to this machine alone, as a server without keys does. */
  loopbackOnly: boolean;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|[\w-]+\.localhost)(:\d+)?$/i;
const CALLABLE = /^\/(graphql|v1)(?=[/?]|$)/;
/** What pages may read of an answer beside its body. */
const EXPOSED = "x-request-id, retry-after, idempotent-replayed, original-x-request-id";
const METHODS = "GET, POST, PUT, DELETE";
/** What the clients of this and of the hosted product send; other names may be asked for, too. */
const HEADERS = "authorization, content-type, idempotency-key, x-knock-user-token, x-knock-client, x-knock-branch";
/** How long browsers need not ask again, in seconds. */
const REMEMBERED = "7200";

const isLoopbackOrigin = (origin: string): boolean => LOOPBACK.test(origin.replace(/^https?:\/\//, ""));

/** Whether a request comes from this machine, as far as its headers tell; programs send no origin. */
export const isLocal = ({ headers }: Pick<IncomingMessage, "headers">): boolean =>
  LOOPBACK.test(headers.host ?? "") && (headers.origin === undefined || isLoopbackOrigin(headers.origin));

/** Whether pages of an origin may call; programs, which send none, always may. */
export function allowsOrigin({ origins, loopbackOnly }: CorsOptions, origin: string | undefined): boolean {
  if (origin === undefined) return true;
  return loopbackOnly ? isLoopbackOrigin(origin) : origins === "*" || origins.includes(origin);
}

/** The headers that let the page of a request read its answer; none where no page is allowed or none asks. */
function corsHeaders(options: CorsOptions, { headers, url = "" }: IncomingMessage): Record<string, string> {
  if (!CALLABLE.test(url)) return {};
  const anyone = options.origins === "*" && !options.loopbackOnly;
  // What is kept for one origin must not be given to another.
  const vary: Record<string, string> = anyone ? {} : { vary: "Origin" };
  const { origin } = headers;
  if (origin === undefined || !allowsOrigin(options, origin)) return vary;
  return {
    ...vary,
    "access-control-allow-origin": anyone ? "*" : origin,
    "access-control-expose-headers": EXPOSED,
  };
}

/** The answer to a browser that asks whether a page may call, still without the origin; `null` for other requests. */
export function preflight(options: CorsOptions, { method, headers, url = "" }: IncomingMessage): Response | null {
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined || !CALLABLE.test(url))
    return null;
  if (!allowsOrigin(options, headers.origin)) return new Response(null, { status: 204 });
  // No header gives a caller more than its tokens do, so a page may add those of its own tools, such as for tracing.
  const asked = headers["access-control-request-headers"];
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": asked ? `${HEADERS}, ${asked}` : HEADERS,
      "access-control-max-age": REMEMBERED,
    },
  });
}

/** Lets the page of the request read the answer, where it may. */
export function withCors(options: CorsOptions, request: IncomingMessage, answer: Response): Response {
  for (const [name, value] of Object.entries(corsHeaders(options, request))) {
    if (name === "vary") answer.headers.append(name, value);
    else answer.headers.set(name, value);
  }
  return answer;
}
