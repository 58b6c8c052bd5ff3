// Errors of a whole request, in the one shape that clients meet: a message, and `extensions` with a
// stable code, a hint and, for bad input, issues with paths. Values are never repeated.
import type { AuthFailure } from "@pothos/plugin-scope-auth";
import { GraphQLError } from "graphql";
import { type ErrorCode, type Issue, KnockError } from "../../base/errors.ts";
import { type Access, scopeFor } from "../auth/identity.ts";
import { pathText } from "../../base/path-text.ts";

interface Http {
  status: number;
  headers?: Record<string, string>;
}

const STATUS: { [Code in ErrorCode]?: Http } = {
  UNAUTHENTICATED: { status: 401, headers: { "www-authenticate": 'Bearer realm="knock"' } },
  FORBIDDEN: { status: 403 },
};

/** An expected failure as an error of the request. */
export function requestError(error: KnockError): GraphQLError {
  const http = STATUS[error.code];
  const { code, hint, details } = error;
  return new GraphQLError(error.message, { extensions: { code, hint, details, ...(http && { http }) } });
}

function missingScope(failure: AuthFailure): string {
  if ("parameter" in failure) return failure.scope;
  return "failures" in failure && failure.failures[0] ? missingScope(failure.failures[0]) : "admin";
}

/** The error of a field that the key's scopes do not reach. */
export const forbidden = (failure: AuthFailure): GraphQLError =>
  requestError(new KnockError("FORBIDDEN", { needed: scopeFor(missingScope(failure) as Access) }));

/** How many problems of one request are looked for and reported. */
export const mostIssues = 50;

/** One thing wrong with a request, as clients see it. */
export interface WireIssue {
  /** `input.workflow.newComment.title` */
  path: string;
  message: string;
  code: string;
}

/** Issues as clients see them. */
export const wireIssues = (issues: readonly Issue[]): WireIssue[] =>
  issues.map(({ path, message, code }) => ({ path: pathText(path), message, code }));

/** The error of a request whose input GraphQL or a resolver refuses. */
export function badInput(issues: readonly Issue[], options: { beforeExecution?: boolean } = {}): GraphQLError {
  const [first] = wireIssues(issues);
  const others = Math.min(issues.length, mostIssues) - 1;
  const more = others > 0 ? ` (and ${issues.length > mostIssues ? "at least " : ""}${others} more)` : "";
  const place = first?.path ? `${first.path}: ` : "";
  return new GraphQLError(`The input is not valid: ${place}${first?.message ?? "unknown problem"}${more}`, {
    extensions: {
      code: "BAD_USER_INPUT",
      hint: "Correct the input at the paths in `issues`; the schema has the type of each.",
      issues: wireIssues(issues.slice(0, mostIssues)),
      // `spec`: clients that accept only application/json get 200, as GraphQL over HTTP asks.
      ...(options.beforeExecution && { http: { status: 400, spec: true } }),
    },
  });
}

/** The error of a request with one thing wrong. */
export const issueError = (issue: Issue): GraphQLError => badInput([issue]);

/** The items of an argument, when they are not too many. */
export function atMost<Item>(most: number, items: readonly Item[], argument: string): readonly Item[] {
  if (items.length <= most) return items;
  const message = `One request carries at most ${most} of ${argument}.`;
  throw issueError({ path: [argument], message, code: "too_big" });
}
