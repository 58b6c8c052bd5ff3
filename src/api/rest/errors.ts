// How refusals read over REST: `{ code, message, status, type }`, with `errors` where single fields are wrong. Codes are
// those that existing clients compare; texts are ours.
import type { z } from "zod";
import type { Clock } from "../../base/clock.ts";
import { type ErrorCode, type ErrorDetails, type Issue, KnockError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { Logger } from "../../base/logger.ts";
import { pathText } from "../../base/path-text.ts";
import { RestError } from "./route.ts";

/** A field with what is wrong about it. */
export type FieldError = RestError["errors"][number];

/** Issues as existing clients know them. */
export const fieldErrors = (issues: readonly Issue[]): FieldError[] =>
  issues.map(({ path, message, code }) => ({ field: pathText(path), type: code, message }));

/** What a schema found, below `path`. */
export const issuesOf = ({ issues }: z.core.$ZodError, path: Issue["path"] = []): Issue[] =>
  issues.flatMap((issue) => {
    // Of a choice, the problem of the form that was probably meant: the one that got furthest.
    if (issue.code === "invalid_union" && issue.errors.length > 0) {
      const inner = issue.errors.map((errors) =>
        issuesOf({ issues: errors } as z.core.$ZodError, [...path, ...textPath(issue)]),
      );
      const depth = (found: Issue[]) => Math.max(...found.map((one) => one.path.length));
      return inner.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0]!;
    }
    return [{ path: [...path, ...textPath(issue)], message: issue.message, code: issue.code ?? "custom" }];
  });

const textPath = ({ path }: { path: PropertyKey[] }) =>
  path.map((part) => (typeof part === "symbol" ? String(part) : part));

/** A refusal of the input: 422. Statuses that clients try again, as 409, would send it once more for nothing. */
export function invalidParams(issues: readonly Issue[]): RestError {
  const [first] = issues;
  const place = first && first.path.length > 0 ? `${pathText(first.path)}: ` : "";
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return new RestError(422, {
    code: "invalid_params",
    message: `The request is not valid: ${place}${first?.message ?? "unknown problem"}${more}`,
    errors: fieldErrors(issues),
  });
}

/** A refusal of one field: 422. */
export const invalidParam = (path: Issue["path"], message: string, code = "invalid_value"): RestError =>
  invalidParams([{ path, message, code }]);

/** There is nothing with this id: 404. */
export const missing = (what: string): RestError =>
  new RestError(404, { code: "resource_missing", message: `There is no such ${what}.` });

/** Members of the engine's input that have another name over REST. */
const wireNames: Readonly<Record<string, string>> = {
  phoneNumber: "phone_number",
  channelData: "channel_data",
  cancellationKey: "cancellation_key",
  idempotencyKey: "idempotency-key",
  first: "page_size",
  last: "page_size",
};

const inWireWords = ({ path, ...issue }: Issue): Issue => ({
  ...issue,
  path: path.map((part) => (typeof part === "string" && Object.hasOwn(wireNames, part) ? wireNames[part]! : part)),
});

type Wording = {
  [Code in ErrorCode]?: (error: { message: string; hint: string }, details: ErrorDetails<Code>) => RestError;
};

const sentence = ({ message, hint }: { message: string; hint: string }) => `${message} ${hint}`;

const wordings: Wording = {
  RECIPIENTS_REQUIRED: (error) =>
    new RestError(422, {
      code: "invalid_params",
      message: error.message,
      errors: [{ field: "recipients", type: "required", message: "can't be blank" }],
    }),
  INVALID_DATA: (_error, { issues }) => invalidParams(issues),
  INVALID_INPUT: (_error, { issues }) => invalidParams(issues.map(inWireWords)),
  DUPLICATE_NOTIFICATION: (error) =>
    new RestError(422, {
      code: "idempotency_key_used",
      message: error.message,
      errors: [{ field: "idempotencyKey", type: "duplicate", message: error.message }],
    }),
  // 400: the oldest clients show code and text of a 400, and the fields alone of a 422.
  WORKFLOW_INACTIVE: (error) => new RestError(400, { code: "workflow_inactive", message: error.message }),
  UNKNOWN_ACTOR: ({ message }) =>
    new RestError(400, {
      code: "actor_missing",
      message: `${message} Identify it first, or pass it as { id, name, … }.`,
    }),
  UNKNOWN_WORKFLOW: (error, { nearest }) =>
    new RestError(404, { code: "workflow_missing", message: nearest === null ? error.message : sentence(error) }),
  UNKNOWN_LIST: (error) => new RestError(404, { code: "resource_missing", message: error.message }),
  NOT_FOUND: (error) => new RestError(404, { code: "resource_missing", message: error.message }),
  UNAUTHENTICATED: (error, { userToken }) =>
    new RestError(401, {
      code: userToken ? "invalid_user_token" : "authentication_required",
      message: sentence(error),
    }),
  FORBIDDEN: (error, { viewer, needed }) =>
    new RestError(403, {
      code: viewer || needed === "viewer" ? "incorrect_token_type" : "insufficient_scope",
      message: sentence(error),
    }),
};

/** An expected failure as callers see it; `null` for one that no request can cause. */
function worded(error: KnockError): RestError | null {
  const word = wordings[error.code] as ((error: KnockError, details: unknown) => RestError) | undefined;
  return word?.(error, error.details) ?? null;
}

const kinds: Readonly<Record<number, string>> = { 401: "authentication_error", 403: "authorization_error" };

/** The body of a refusal. */
export const envelope = ({ code, message, status, errors }: RestError) => ({
  code,
  message,
  status,
  type: kinds[status] ?? (status >= 500 ? "api_error" : "invalid_request_error"),
  // The oldest clients show nothing of a 422 but its fields.
  ...(status === 422 && { errors: errors.length > 0 ? errors : [{ field: "", type: code, message }] }),
});

/** Makes the function that turns whatever was thrown into a refusal; what nobody expected is logged and stays inside. */
export function createWording({ logger, clock }: { logger: Logger; clock: Clock }): (error: unknown) => RestError {
  return (error) => {
    if (error instanceof RestError) return error;
    const known = KnockError.is(error) ? worded(error) : null;
    if (known) return known;
    const incident = newId(clock.now());
    logger.error("an unexpected error while answering a REST request", { incident, error });
    const { message } = new KnockError("INTERNAL", { incident });
    return new RestError(500, { code: "internal_error", message });
  };
}

/** The success of a verb. Throws why there is none, which the router words. */
export function succeeded<Success extends { ok: true }>(outcome: Success | { ok: false; error: KnockError }): Success {
  if (!outcome.ok) throw outcome.error;
  return outcome;
}
