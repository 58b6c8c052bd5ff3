// The routes of the server, and what every request has to pass first.
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { newId } from "../base/ids.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { BodyTooLarge, sendResponse, toRequest, UnusableRequest } from "./http-exchange.ts";

/** Something that answers requests of the web platform. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

export interface AppOptions {
  /** Answers `/graphql`; `null` for a process that takes no calls. */
  graphql: FetchHandler | null;
  /** Answers `/metrics`; `null` for none. */
  metrics?: FetchHandler | null;
  /** Whether the process can do its work; a rejection says why not. Answers what is wrong all the same, if anything. */
  ready(): Promise<string | null>;
  /** The page at `/`; `null` for none. */
  startPage: (() => string) | null;
  /**
   * Refuse requests that name another host than this machine, or that the page of another site makes.
   * For a server without keys: otherwise any web page could call it from its reader's browser.
   */
  loopbackOnly: boolean;
  clock: Clock;
  logger: Logger;
  /** Largest accepted body, in bytes. Default 12 MB: 10,000 list members with properties. */
  bodyLimit?: number;
}

const BODY_LIMIT = 12 * 1024 * 1024;
/** Longer than the idle time of usual load balancers, which would otherwise meet a closed connection. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 60_000;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|[\w-]+\.localhost)(:\d+)?$/i;

const json = (status: number, body: object, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });

/** A refusal in the shape of all errors of a request. */
export const refusal = (status: number, code: string, message: string, hint?: string): Response =>
  json(status, { errors: [{ message, extensions: { code, hint } }] });

async function readiness({ ready }: AppOptions): Promise<Response> {
  try {
    const warning = await ready();
    return json(200, { status: "ready", ...(warning !== null && { warning }) });
  } catch (error) {
    return json(503, { status: "not ready", reason: error instanceof Error ? error.message : String(error) });
  }
}

function route(options: AppOptions, request: Request): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  const reads = request.method === "GET" || request.method === "HEAD";
  if (pathname === "/graphql" && options.graphql) return options.graphql(request);
  if (pathname === "/healthz" && reads) return json(200, { status: "alive", service: "knock" });
  if (pathname === "/readyz" && reads) return readiness(options);
  if (pathname === "/metrics" && reads && options.metrics) return options.metrics(request);
  if (pathname === "/" && reads && options.startPage) {
    return new Response(options.startPage(), {
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
    });
  }
  const others = options.graphql ? "The API is at POST /graphql." : "This process has /healthz, /readyz and /metrics.";
  return refusal(404, "NOT_FOUND", `There is nothing at ${request.method} ${pathname}. ${others}`);
}

/** Whether a request comes from this machine, as far as its headers tell; programs send no origin. */
function isLocal({ headers }: IncomingMessage): boolean {
  const origin = headers.origin === undefined ? "localhost" : headers.origin.replace(/^https?:\/\//, "");
  return LOOPBACK.test(headers.host ?? "") && LOOPBACK.test(origin);
}

async function answer(options: AppOptions, request: IncomingMessage, response: ServerResponse): Promise<Response> {
  if (options.loopbackOnly && !isLocal(request)) {
    return refusal(
      403,
      "FORBIDDEN",
      "This server has no keys and answers only to localhost. Create a key: knock keys create.",
    );
  }
  try {
    return await route(options, await toRequest(request, response, options.bodyLimit ?? BODY_LIMIT));
  } catch (error) {
    if (error instanceof BodyTooLarge) {
      // The rest of the body may still be coming; without this it would be read as the next request.
      response.setHeader("connection", "close");
      return refusal(413, "PAYLOAD_TOO_LARGE", "The request is larger than 12 MB.", "Split it into several calls.");
    }
    if (error instanceof UnusableRequest) {
      return refusal(400, "BAD_REQUEST", "The request has a method or an address that is none.");
    }
    if (response.destroyed) throw error;
    const incident = newId(options.clock.now()).slice(-12);
    options.logger.error("a request failed", { incident, path: request.url?.replace(/\?.*$/, ""), error });
    return refusal(500, "INTERNAL", `Something went wrong on our side (incident ${incident}).`);
  }
}

/** The HTTP server of an application, not yet listening. */
export function createApp(options: AppOptions): Server {
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: 32 * 1024,
    },
    (request, response) => {
      answer(options, request, response)
        .then((result) => sendResponse(result, response))
        // The caller went away in the middle: there is nobody to tell.
        .catch(() => response.destroy());
    },
  );
  return server;
}
