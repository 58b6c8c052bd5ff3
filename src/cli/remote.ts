// What commands send to a server's API, and what can come of it.
import type { JsonObject } from "../base/canonical-json.ts";
import { KnockError } from "../base/errors.ts";
import type { Answer, Refusal } from "./refusal.ts";

/** What a mutation answers: the fields that were asked for, of one of its result types. */
export interface Result extends Partial<Omit<Refusal, "issues">> {
  __typename: string;
  issues?: { path: string; message: string }[];
}

interface Response {
  data?: Record<string, Result | Result[] | null> | null;
  errors?: {
    message: string;
    extensions?: { code?: string; hint?: string; issues?: { path: string; message: string }[] };
  }[];
}

const FAILURE = "... on Error { code message hint } ... on InvalidInputError { issues { path message } }";

const asPath = (path: string): (string | number)[] =>
  path.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));

const withPaths = (issues: { path: string; message: string }[] = []): Refusal["issues"] =>
  issues.map(({ path, message }) => ({ path: asPath(path), message }));

function problemOf(error: unknown): string {
  if (error instanceof SyntaxError) return "what answers is no knock";
  const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
  return code === "ECONNREFUSED" ? "nothing listens there" : (code ?? message);
}

async function post({ url, apiKey }: Server, body: object): Promise<Response> {
  const unreachable = (problem: string, cause?: unknown) =>
    new KnockError("SERVER_UNREACHABLE", { url, problem }, { cause });
  if (!URL.canParse(url)) throw unreachable("that is no URL");
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    ...(apiKey && { authorization: `Bearer ${apiKey}` }),
  };
  try {
    const response = await fetch(new URL("/graphql", url), { method: "POST", headers, body: JSON.stringify(body) });
    return (await response.json()) as Response;
  } catch (error) {
    throw unreachable(problemOf(error), error);
  }
}

/** One field of the API that is asked for. */
export interface Operation {
  /** Default: `mutation`. */
  kind?: "mutation" | "query";
  /** Name of the field. */
  field: string;
  /** Its arguments, such as `$users: [UserInput!]!`, and how they are passed. Default: none. */
  declared?: string;
  passed?: string;
  /** The field has no fields of its own. */
  leaf?: boolean;
  /** What to ask for of its success, and of failures beyond the usual. */
  selection?: string;
  /** What to ask for of failures. Default: the usual. */
  failure?: string;
  variables: object;
}

/** A server, and the key for it. */
export interface Server {
  url: string;
  apiKey: string | undefined;
}

function withoutResult({ errors }: Response, { apiKey }: Server): Refusal {
  const [error] = errors ?? [];
  const { code = "INTERNAL", issues, hint: given } = error?.extensions ?? {};
  const hint =
    code === "UNAUTHENTICATED"
      ? apiKey
        ? "Correct the key in --api-key, KNOCK_API_KEY or the environment; `knock keys list` has those that are valid."
        : "Give a key with --api-key or KNOCK_API_KEY."
      : (given ?? "Check the call, and the server's log.");
  return { code, message: error?.message ?? "The server gave no answer.", hint, issues: withPaths(issues) };
}

/** Sends one operation and gives what its field has, or why there is nothing. */
export async function send(server: Server, operation: Operation): Promise<Answer<Result | Result[]>> {
  const { kind = "mutation", field, selection = "", failure = FAILURE, variables } = operation;
  const declared = operation.declared ? `(${operation.declared})` : "";
  const passed = operation.passed ? `(${operation.passed})` : "";
  const fields = operation.leaf ? "" : `{ __typename ${selection} ${failure} }`;
  const query = `${kind} ${declared} { ${field}${passed} ${fields} }`;
  const response = await post(server, { query, variables });
  const value = response.data?.[field];
  return value ? { ok: true, value } : { ok: false, refusal: withoutResult(response, server) };
}

/** What a result says, or why it was refused. */
export function answerOf<Success>(result: Result, read: (result: JsonObject) => Success): Answer<Success> {
  const { code, message = "", hint = "", issues } = result;
  if (code) return { ok: false, refusal: { code, message, hint, issues: withPaths(issues) } };
  return { ok: true, value: read(result as unknown as JsonObject) };
}

/** Calls one mutation, or asks one question. */
export async function call<Success>(
  server: Server,
  operation: Operation,
  read: (result: JsonObject) => Success,
): Promise<Answer<Success>> {
  const answer = await send(server, operation);
  return answer.ok ? answerOf(answer.value as Result, read) : answer;
}
