// One request to the server, and what can come of it: an answer, a failure that is an answer, or an error.
import { type ErrorCode, KnockError } from "../base/errors.ts";
import { documents, type DocumentName } from "./documents.ts";
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

interface RequestError {
  message: string;
  extensions?: { code?: string; hint?: string; issues?: Issue[]; details?: Record<string, unknown> };
}

interface Body {
  data?: { answer?: unknown } | null;
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

const unreachable = (url: string, problem: string, cause?: unknown) =>
  new KnockError("SERVER_UNREACHABLE", { url, problem }, { cause });

/** What a failed fetch says of its reason: runtimes hide it at different depths. */
function problemOf(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return "the request failed";
  if (error.name === "TimeoutError") return `no answer within ${timeout / 1000} s`;
  const { cause } = error;
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return error.message;
  return cause.code === "ECONNREFUSED" ? "nothing listens there" : String(cause.code);
}

async function post(
  { url, apiKey, fetch: send = fetch, timeout = DEFAULT_TIMEOUT }: Connection,
  body: object,
): Promise<Body> {
  if (!URL.canParse(url)) throw unreachable(url, "that is no URL");
  let response: Response;
  try {
    response = await send(new URL("/graphql", url), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json",
        ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeout),
    });
  } catch (error) {
    throw unreachable(url, problemOf(error, timeout), error);
  }
  try {
    return (await response.json()) as Body;
  } catch (error) {
    throw unreachable(url, `what answers is no knock server (HTTP ${response.status})`, error);
  }
}

/** The error that a request failed with, or the failure that its input is. */
function failed(
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

/** Sends an operation. Throws `SERVER_UNREACHABLE`, `UNAUTHENTICATED`, `FORBIDDEN` or `INTERNAL`. */
export async function request(connection: Connection, name: DocumentName, variables: object): Promise<unknown> {
  const { data, errors } = await post(connection, { query: documents[name], variables });
  const [error] = errors ?? [];
  if (error) return failed(connection.url, error);
  if (data?.answer === undefined) throw unreachable(connection.url, "what answers is no knock server");
  return data.answer;
}

const isFailure = (answer: unknown): answer is { code: string; issues?: Issue[] } =>
  typeof answer === "object" && answer !== null && "code" in answer && typeof answer.code === "string";

/** An answer as a result. */
export const resultOf = (answer: unknown): { ok: true } | { ok: false; error: never } =>
  isFailure(answer) ? { ok: false, error: answer as never } : { ...(answer as object), ok: true };

/** The answer of a query. Throws `INVALID_INPUT` for a cursor or a page that is none. */
export function readingOf(answer: unknown): unknown {
  if (!isFailure(answer)) return answer;
  const issues = (answer.issues ?? []).map((issue) => ({ ...issue, path: issue.path.split(".") }));
  throw new KnockError("INVALID_INPUT", { issues, subject: "The question" });
}
