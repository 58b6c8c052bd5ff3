// One request to the server, and what can come of it: an answer, a failure that is an answer, or an error.
import { KnockError } from "../base/errors.ts";
import { documents, type DocumentName } from "./documents.ts";
import { bodyOf, type Connection, failed, open, unreachable } from "./post.ts";
import type { Issue } from "./types.ts";

/** Sends an operation. Throws `SERVER_UNREACHABLE`, `UNAUTHENTICATED`, `FORBIDDEN` or `INTERNAL`. */
export async function request(connection: Connection, name: DocumentName, variables: object): Promise<unknown> {
  const body = { query: documents[name], variables };
  const response = await open(connection, { body, headers: { accept: "application/graphql-response+json" } });
  const { data, errors } = await bodyOf(connection.url, response);
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
