import type { JsonObject } from "../base/canonical-json.ts";
import { KnockError } from "../base/errors.ts";
import type { NotifyCall } from "../engine/notify-call.ts";
import type { AcceptedNotification, ListedSchedule, MadeSchedule, Operations } from "./operations.ts";
import type { Answer, Refusal } from "./refusal.ts";

/** What a mutation answers: the fields that were asked for, of one of its result types. */
interface Result extends Partial<Omit<Refusal, "issues">> {
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

interface Operation {
  /** Default: `mutation`. */
  kind?: "mutation" | "query";
  /** Name of the field. */
  field: string;
  /** Its arguments, such as `$users: [UserInput!]!`. */
  declared: string;
  passed: string;
  /** What to ask for of its success, and of failures beyond the usual. */
  selection?: string;
  /** What to ask for of failures. Default: the usual. */
  failure?: string;
  variables: object;
}

interface Server {
  url: string;
  apiKey: string | undefined;
}

function withoutResult({ errors }: Response): Refusal {
  const [error] = errors ?? [];
  const { code = "INTERNAL", issues, hint: given } = error?.extensions ?? {};
  const hint =
    code === "UNAUTHENTICATED"
      ? "Give a key with --api-key or KNOCK_API_KEY."
      : (given ?? "Check the call, and the server's log.");
  return { code, message: error?.message ?? "The server gave no answer.", hint, issues: withPaths(issues) };
}

/** Sends one operation and gives what its field has, or why there is nothing. */
async function send(server: Server, operation: Operation): Promise<Answer<Result | Result[]>> {
  const { kind = "mutation", field, declared, passed, selection = "", failure = FAILURE, variables } = operation;
  const query = `${kind} (${declared}) { ${field}(${passed}) { __typename ${selection} ${failure} } }`;
  const response = await post(server, { query, variables });
  const value = response.data?.[field];
  return value ? { ok: true, value } : { ok: false, refusal: withoutResult(response) };
}

function answerOf<Success>(result: Result, read: (result: JsonObject) => Success): Answer<Success> {
  const { code, message = "", hint = "", issues } = result;
  if (code) return { ok: false, refusal: { code, message, hint, issues: withPaths(issues) } };
  return { ok: true, value: read(result as unknown as JsonObject) };
}

/** Calls one mutation, or asks one question. */
async function call<Success>(
  server: Server,
  operation: Operation,
  read: (result: JsonObject) => Success,
): Promise<Answer<Success>> {
  const answer = await send(server, operation);
  return answer.ok ? answerOf(answer.value as Result, read) : answer;
}

function notify(server: Server, input: NotifyCall): Promise<Answer<AcceptedNotification>> {
  const selection =
    "... on NotifySuccess { notification { id status } warnings { code message } } ... on InvalidDataError { issues { path message } }";
  const operation = {
    field: "notifyDynamic",
    declared: "$input: NotifyDynamicInput!",
    passed: "input: $input",
    selection,
    variables: { input },
  };
  return call(server, operation, ({ notification, warnings }) => {
    const { id, status } = notification as { id: string; status: string };
    return { id, status: status.toLowerCase(), warnings: warnings as unknown as AcceptedNotification["warnings"] };
  });
}

const SCHEDULE = "id workflow status recipientId lists recurrence timezone nextAt lastAt count problem";

type Remote<Verb extends keyof Operations> = (server: Server) => Operations[Verb];

const createSchedules: Remote<"createSchedules"> = (server) => (input) =>
  call(
    server,
    {
      field: "createSchedulesDynamic",
      declared: "$input: CreateSchedulesDynamicInput!",
      passed: "input: $input",
      selection:
        "... on CreateSchedulesSuccess { schedules { id recipientId nextAt } warnings { code message } } ... on InvalidDataError { issues { path message } }",
      variables: { input: { ...input, ...(input.onMissed && { onMissed: input.onMissed.toUpperCase() }) } },
    },
    ({ schedules, warnings }) => ({
      schedules: schedules as unknown as MadeSchedule[],
      warnings: warnings as unknown as AcceptedNotification["warnings"],
    }),
  );

const listSchedules: Remote<"listSchedules"> = (server) => (question) =>
  call(
    server,
    {
      kind: "query",
      failure: "",
      field: "schedules",
      declared: "$recipient: ID, $workflow: String, $status: ScheduleStatus, $after: String",
      passed: "recipient: $recipient, workflow: $workflow, status: $status, after: $after, first: 100",
      selection: `edges { node { ${SCHEDULE} } } pageInfo { hasNextPage endCursor }`,
      variables: { ...question, ...(question.status && { status: question.status.toUpperCase() }) },
    },
    ({ edges, pageInfo }) => {
      const { hasNextPage, endCursor } = pageInfo as { hasNextPage: boolean; endCursor: string };
      const schedules = (edges as unknown as { node: ListedSchedule }[]).map(({ node }) => ({
        ...node,
        status: node.status.toLowerCase() as ListedSchedule["status"],
      }));
      return { schedules, next: hasNextPage ? endCursor : null };
    },
  );

const rerun: Remote<"rerun"> = (server) => async (ids) => {
  const operation = {
    field: "rerunRuns",
    declared: "$ids: [ID!]!",
    passed: "ids: $ids",
    selection: "... on RerunRunSuccess { id }",
    failure: "... on Error { code message hint }",
    variables: { ids },
  };
  const answer = await send(server, operation);
  if (!answer.ok) return answer;
  return { ok: true, value: (answer.value as Result[]).map((result) => answerOf(result, ({ id }) => id as string)) };
};

/** The verbs through a server's API. */
export function remoteOperations(url: string, apiKey?: string): Operations {
  const server = { url, apiKey };
  return {
    place: url,
    upsertUsers: (users) =>
      call(
        server,
        { field: "upsertUsers", declared: "$users: [UserInput!]!", passed: "users: $users", variables: { users } },
        () => null,
      ),
    addListMembers(list, members) {
      const declared = "$list: String!, $members: [ListMemberInput!]!";
      return call(
        server,
        { field: "addListMembers", declared, passed: "list: $list, members: $members", variables: { list, members } },
        () => null,
      );
    },
    notify: (call) => notify(server, call),
    cancel(key, recipients) {
      const declared = "$key: String!, $recipients: [ID!]";
      const passed = "cancellationKey: $key, recipients: $recipients";
      const selection = "... on CancelNotificationsSuccess { notifications { id } runs }";
      return call(
        server,
        { field: "cancelNotifications", declared, passed, selection, variables: { key, recipients } },
        ({ notifications, runs }) => ({
          notifications: (notifications as unknown[]).length,
          runs: Number(runs),
        }),
      );
    },
    createSchedules: createSchedules(server),
    listSchedules: listSchedules(server),
    deleteSchedules(ids) {
      const selection = "... on DeleteSchedulesSuccess { ids }";
      return call(
        server,
        { field: "deleteSchedules", declared: "$ids: [ID!]!", passed: "ids: $ids", selection, variables: { ids } },
        (result) => result.ids as string[],
      );
    },
    signal(event) {
      const declared = "$name: String!, $match: JSON, $data: JSON";
      const passed = "name: $name, match: $match, data: $data";
      const selection = "... on SignalEventSuccess { runs }";
      return call(server, { field: "signalEvent", declared, passed, selection, variables: event }, ({ runs }) =>
        Number(runs),
      );
    },
    rerun: rerun(server),
  };
}
