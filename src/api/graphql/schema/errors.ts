// Expected failures as types. The results of mutations are unions of one success and the failures
// that can happen, put together by hand: outcomes are values already, so there is nothing to catch,
// and a plugin that turns thrown errors into results would only hide that.
import { type ErrorCode, type ErrorDetails, type Issue, KnockError } from "../../../base/errors.ts";
import { pathText } from "../../../base/path-text.ts";
import type { Refused } from "../../../engine/notify-call.ts";
import type { Builder } from "../builder.ts";

/** The failures that are results, with their types. */
const errorTypes = {
  RECIPIENTS_REQUIRED: "RecipientsRequiredError",
  INVALID_DATA: "InvalidDataError",
  INVALID_INPUT: "InvalidInputError",
  DUPLICATE_NOTIFICATION: "DuplicateNotificationError",
  WORKFLOW_INACTIVE: "WorkflowInactiveError",
  UNKNOWN_WORKFLOW: "UnknownWorkflowError",
  UNKNOWN_ACTOR: "UnknownActorError",
  UNKNOWN_LIST: "UnknownListError",
  NOT_FOUND: "NotFoundError",
  RUN_NOT_FAILED: "RunNotFailedError",
  INVALID_WORKFLOW: "InvalidWorkflowError",
  ARTIFACT_REFUSED: "ArtifactRefusedError",
  BREAKING_CHANGE: "BreakingChangeError",
  OPEN_RUNS: "OpenRunsError",
  UNKNOWN_VERSION: "UnknownVersionError",
  WORKS_FROM_FILES: "WorksFromFilesError",
} as const satisfies { [Code in ErrorCode]?: string };

type ResultCode = keyof typeof errorTypes;

/** Makes the result of a mutation: its success, or one of the failures. Resolvers return outcomes as they are. */
export function resultOf<Success extends { ok: true }>(
  builder: Builder,
  success: PothosSchemaTypes.ObjectRef<Builder["$inferSchemaTypes"], Success>,
  codes: readonly ResultCode[],
) {
  const name = success.name.replace(/Success$/, "");
  return builder.unionType(`${name}Result`, {
    description: `What ${name[0]!.toLowerCase()}${name.slice(1)} answers.`,
    types: [success, ...codes.map((code) => errorTypes[code])],
    resolveType: (value) => ("error" in value ? errorTypes[value.error.code as ResultCode] : success.name),
  });
}

/** What an error of a code carries. */
export function detailsOf<Code extends ErrorCode>({ error }: Refused, code: Code): ErrorDetails<Code> {
  if (KnockError.is(error, code)) return error.details;
  throw new TypeError(`${error.code} was resolved as ${code}`);
}

const named = (issue: Issue): Issue =>
  issue.path[0] === "tenantId" ? { ...issue, path: ["tenant", ...issue.path.slice(1)] } : issue;

/** A refusal of a verb in the words of the API, where the tenant of an input is `tenant`. */
export function tenantInInput({ ok, error }: Refused): Refused {
  if (!KnockError.is(error, "INVALID_INPUT")) return { ok, error };
  const { details } = error;
  return { ok, error: new KnockError("INVALID_INPUT", { ...details, issues: details.issues.map(named) }) };
}

const meaning: Record<ResultCode, string> = {
  RECIPIENTS_REQUIRED: "The call names neither a recipient nor a list.",
  INVALID_DATA: "The data does not fit the workflow's schema.",
  INVALID_INPUT: "Something in the call is not acceptable.",
  DUPLICATE_NOTIFICATION: "An earlier call with this idempotency key succeeded. Nothing else happened.",
  WORKFLOW_INACTIVE: "The workflow is switched off.",
  UNKNOWN_WORKFLOW: "There is no workflow with this key.",
  UNKNOWN_ACTOR: "The actor is no known user.",
  UNKNOWN_LIST: "There is no list with this name.",
  NOT_FOUND: "There is nothing with this id.",
  RUN_NOT_FAILED: "The run has not failed, so it cannot be run again.",
  INVALID_WORKFLOW: "Something in the workflows has to be changed before they can be deployed.",
  ARTIFACT_REFUSED: "Code is not what it claims to be, is not signed as this server wants it, or cannot be loaded.",
  BREAKING_CHANGE: "The deploy breaks callers or runs under way, and the call does not allow it.",
  OPEN_RUNS: "A workflow that would be archived has open runs, and the call does not say what becomes of them.",
  UNKNOWN_VERSION: "The workflow has no such version that can be brought back.",
  WORKS_FROM_FILES: "The server takes its workflows from its own files.",
};

/** What the types of all failures have in common. */
export const errorOptions: Options = (code) => ({ description: meaning[code], interfaces: ["Error"] });

/** The interface of all failures, and the failures that carry nothing more. */
export function addErrors(builder: Builder): void {
  builder.interfaceType("Error", {
    description: "An expected failure. Nothing was stored.",
    fields: (t) => ({
      code: t.string({ description: "Stable, for programs: `INVALID_DATA`.", resolve: ({ error }) => error.code }),
      message: t.string({ description: "What happened, for people.", resolve: ({ error }) => error.message }),
      hint: t.string({ description: "What to do next.", resolve: ({ error }) => error.hint }),
    }),
  });
  builder.objectType("Issue", {
    description: "One thing that is wrong in an input.",
    fields: (t) => ({
      path: t.string({ description: "Where: `data.invitee.email`.", resolve: ({ path }) => pathText(path) }),
      message: t.exposeString("message", { description: "What is wrong, without the value itself." }),
      code: t.exposeString("code", { description: "Stable, for programs: `invalid_type`." }),
    }),
  });
  const options = errorOptions;
  builder.objectType("RecipientsRequiredError", options("RECIPIENTS_REQUIRED"));
  addErrorsWithIssues(builder, options);
  addDuplicateError(builder, options);
  addErrorsWithNames(builder, options);
}

type Options = (code: ResultCode) => { description: string; interfaces: ["Error"] };

function addErrorsWithIssues(builder: Builder, options: Options): void {
  const description = "One for each violation.";
  builder.objectType("InvalidDataError", {
    ...options("INVALID_DATA"),
    fields: (t) => ({
      issues: t.field({
        type: ["Issue"],
        description,
        resolve: (refused) => detailsOf(refused, "INVALID_DATA").issues,
      }),
    }),
  });
  builder.objectType("InvalidInputError", {
    ...options("INVALID_INPUT"),
    fields: (t) => ({
      issues: t.field({
        type: ["Issue"],
        description,
        resolve: (refused) => detailsOf(refused, "INVALID_INPUT").issues,
      }),
    }),
  });
}

function addDuplicateError(builder: Builder, options: Options): void {
  builder.objectType("DuplicateNotificationError", {
    ...options("DUPLICATE_NOTIFICATION"),
    fields: (t) => ({
      notificationId: t.id({
        description: "The notification of the first call.",
        resolve: (refused) => detailsOf(refused, "DUPLICATE_NOTIFICATION").notificationId,
      }),
      firstAt: t.field({
        type: "DateTime",
        description: "When the first call succeeded.",
        resolve: (refused) => detailsOf(refused, "DUPLICATE_NOTIFICATION").firstAt,
      }),
      sameInput: t.boolean({
        description: "Whether both calls have the same input.",
        resolve: (refused) => detailsOf(refused, "DUPLICATE_NOTIFICATION").sameInput,
      }),
    }),
  });
}

function addErrorsWithNames(builder: Builder, options: Options): void {
  const workflow = "Key of the workflow.";
  builder.objectType("WorkflowInactiveError", {
    ...options("WORKFLOW_INACTIVE"),
    fields: (t) => ({
      workflow: t.string({
        description: workflow,
        resolve: (refused) => detailsOf(refused, "WORKFLOW_INACTIVE").workflow,
      }),
    }),
  });
  builder.objectType("UnknownWorkflowError", {
    ...options("UNKNOWN_WORKFLOW"),
    fields: (t) => ({
      workflow: t.string({
        description: workflow,
        resolve: (refused) => detailsOf(refused, "UNKNOWN_WORKFLOW").workflow,
      }),
      nearest: t.string({
        nullable: true,
        description: "The key that was probably meant.",
        resolve: (refused) => detailsOf(refused, "UNKNOWN_WORKFLOW").nearest,
      }),
    }),
  });
  builder.objectType("UnknownActorError", {
    ...options("UNKNOWN_ACTOR"),
    fields: (t) => ({
      actor: t.id({ description: "Id of the actor.", resolve: (refused) => detailsOf(refused, "UNKNOWN_ACTOR").actor }),
    }),
  });
  builder.objectType("UnknownListError", {
    ...options("UNKNOWN_LIST"),
    fields: (t) => ({
      list: t.string({
        description: "Name of the list.",
        resolve: (refused) => detailsOf(refused, "UNKNOWN_LIST").list,
      }),
    }),
  });
  builder.objectType("NotFoundError", {
    ...options("NOT_FOUND"),
    fields: (t) => ({
      id: t.id({ description: "The id that was given.", resolve: (refused) => detailsOf(refused, "NOT_FOUND").id }),
    }),
  });
  builder.objectType("RunNotFailedError", {
    ...options("RUN_NOT_FAILED"),
    fields: (t) => ({
      id: t.id({ description: "Id of the run.", resolve: (refused) => detailsOf(refused, "RUN_NOT_FAILED").id }),
    }),
  });
}
