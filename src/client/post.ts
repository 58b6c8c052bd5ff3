// A request on its way to a server, and the errors that can come of it.
import { type ErrorCode, KnockError } from "../base/errors.ts";
import type { Issue } from "./types.ts";

/** Where the server is, and how to reach it. */
export interface Connection {
  /** The server's address: `https://knock.example.com`. */
  url: string;
  /** `sk_…`; not needed by a development server on the same machine. Never put one into a web page. */
  apiKey?: string | undefined;
  /** Default: the platform's own. */
  fetch?: typeof fetch | undefined;
  /** Milliseconds after which a request is given up. Default: 30,000. */
  timeout?: number | undefined;
}

/** An error of a request. */
export interface RequestError {
  message: string;
  extensions?: { code?: string; hint?: string; issues?: Issue[]; details?: Record<string, unknown> };
}

/** What a request is answered with. */
export interface Body {
  data?: Record<string, unknown> | null;
  errors?: RequestError[];
}

const DEFAULT_TIMEOUT = 30_000;
/** Errors of a request that the server words as we would. */
const THROWN: readonly string[] = [
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "INTERNAL",
  "UNKNOWN_WORKFLOW",
] satisfies ErrorCode[];

/** The error of a server that cannot be reached, or is none. */
export const unreachable = (url: string, problem: string, cause?: unknown) =>
  new KnockError("SERVER_UNREACHABLE", { url, problem }, { cause });

/** Whether the same request may succeed a while later. */
export const mayPass = ({ code }: KnockError): boolean => code === "SERVER_UNREACHABLE" || code === "INTERNAL";

/** What a failed fetch says of its reason: runtimes hide it at different depths. */
function problemOf(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return "the request failed";
  if (error.name === "TimeoutError") return `no answer within ${timeout / 1000} s`;
  const { cause } = error;
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return error.message;
  return cause.code === "ECONNREFUSED" ? "nothing listens there" : String(cause.code);
}

/**
 * Sends a body and answers as soon as the head of the response is there. Throws `SERVER_UNREACHABLE`.
 *
 * @param request with `signal`, the request lasts until that is aborted instead of at most `timeout`
 */
export async function open(
  { url, apiKey, fetch: send = fetch, timeout = DEFAULT_TIMEOUT }: Connection,
  request: { body: object; headers: Record<string, string>; signal?: AbortSignal | undefined },
): Promise<Response> {
  if (!URL.canParse(url)) throw unreachable(url, "that is no URL");
  try {
    return await send(new URL("/graphql", url), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...request.headers,
        ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify(request.body),
      signal: request.signal ?? AbortSignal.timeout(timeout),
    });
  } catch (error) {
    throw unreachable(url, problemOf(error, timeout), error);
  }
}

/** The answer as it says itself. Throws `SERVER_UNREACHABLE` when it is none of ours. */
export async function bodyOf(url: string, response: Response): Promise<Body> {
  try {
    return (await response.json()) as Body;
  } catch (error) {
    throw unreachable(url, `what answers is no knock server (HTTP ${response.status})`, error);
  }
}

/** The error that a request failed with, or the failure that its input is. */
export function failed(
  url: string,
  { message, extensions = {} }: RequestError,
): { code: "INVALID_INPUT"; message: string; hint: string; issues: Issue[] } {
  const { code = "", hint = "", issues = [], details } = extensions;
  if (code === "BAD_USER_INPUT" || code === "PAYLOAD_TOO_LARGE") {
    return {
      code: "INVALID_INPUT",
      message,
      hint,
      issues: issues.map((issue) => ({ ...issue, path: issue.path.replace(/^input\./, "") })),
    };
  }
  if (THROWN.includes(code)) throw new KnockError(code as ErrorCode, (details ?? {}) as never);
  throw unreachable(url, `it answered ${code || "an error"}: ${message}`);
}
