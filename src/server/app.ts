// The routes of the server, and what every request has to pass first.
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { Duplex } from "node:stream";
import { newId } from "../base/ids.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { allowsOrigin, isLocal, type Origins, preflight, withCors } from "./cors.ts";
import { BodyTooLarge, sendResponse, toRequest, UnusableRequest } from "./http-exchange.ts";

/** Something that answers requests of the web platform. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

export interface AppOptions {
  /** Answers `/graphql`; `null` for a process that takes no calls. */
  graphql: FetchHandler | null;
  /** Answers what is below `/v1`; `null`, the default, for a process that takes no calls. */
  rest?: FetchHandler | null;
  /** Answers `/preferences/…` and `/unsubscribe/…`; `null`, the default, where there are no such links. */
  pages?: FetchHandler | null;
  /** Takes over connections that ask for a socket; `null`, the default, refuses them. */
  upgrade?: ((request: IncomingMessage, connection: Duplex, head: Buffer) => void) | null;
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
  /** Where pages may come from that call from a browser; where `loopbackOnly`, only from this machine. Default: `*`. */
  origins?: Origins;
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
const REST = /^\/v1(\/|$)/;
const CALLS_REST = /^\/v1([/?]|$)/;
/** What follows opens the page to anybody who has it. */
const PAGES = /^\/(preferences|unsubscribe)\//;

const json = (status: number, body: object, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });

/** A refusal in the shape of all errors of a request. */
export const refusal = (status: number, code: string, message: string, hint?: string): Response =>
  json(status, { errors: [{ message, extensions: { code, hint } }] });

/** A refusal in the shape that callers of a path know. */
const refusalAt = (path = ""): typeof refusal =>
  CALLS_REST.test(path)
    ? (status, code, message) =>
        json(status, {
          code: code.toLowerCase(),
          message,
          status,
          type: status === 500 ? "api_error" : "invalid_request_error",
        })
    : refusal;

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
  if (REST.test(pathname) && options.rest) return options.rest(request);
  if (PAGES.test(pathname) && options.pages) return options.pages(request);
  if (pathname === "/healthz" && reads) return json(200, { status: "alive", service: "knock" });
  if (pathname === "/readyz" && reads) return readiness(options);
  if (pathname === "/metrics" && reads && options.metrics) return options.metrics(request);
  if (pathname === "/" && reads && options.startPage) {
    return new Response(options.startPage(), {
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
    });
  }
  const others = options.graphql
    ? "The API is at POST /graphql and, for existing clients, below /v1."
    : "This process has /healthz, /readyz and /metrics.";
  return refusal(404, "NOT_FOUND", `There is nothing at ${request.method} ${pathname}. ${others}`);
}

/** The path without what is secret in it. */
function loggedPath({ url = "" }: IncomingMessage): string {
  const path = url.replace(/\?.*$/, "");
  return PAGES.exec(path)?.[0].concat("…") ?? path;
}

async function answer(options: AppOptions, request: IncomingMessage, response: ServerResponse): Promise<Response> {
  const refuse = refusalAt(request.url);
  if (options.loopbackOnly && !isLocal(request)) {
    return refuse(
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
      return refuse(413, "PAYLOAD_TOO_LARGE", "The request is larger than 12 MB.", "Split it into several calls.");
    }
    if (error instanceof UnusableRequest) {
      return refuse(400, "BAD_REQUEST", "The request has a method or an address that is none.");
    }
    if (response.destroyed) throw error;
    const incident = newId(options.clock.now()).slice(-12);
    options.logger.error("a request failed", { incident, path: loggedPath(request), error });
    return refuse(500, "INTERNAL", `Something went wrong on our side (incident ${incident}).`);
  }
}

/** The HTTP server of an application, not yet listening. */
export function createApp(options: AppOptions): Server {
  const cors = { origins: options.origins ?? "*", loopbackOnly: options.loopbackOnly };
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: 32 * 1024,
    },
    (request, response) => {
      Promise.resolve(preflight(cors, request) ?? answer(options, request, response))
        .then((result) => sendResponse(withCors(cors, request, result), response))
        // The caller went away in the middle: there is nobody to tell.
        .catch(() => response.destroy());
    },
  );
  server.on("upgrade", (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    const allowed = (!options.loopbackOnly || isLocal(request)) && allowsOrigin(cors, request.headers.origin);
    if (options.upgrade && allowed) options.upgrade(request, connection, head);
    else connection.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  });
  return server;
}
