import type { JsonObject } from "../base/canonical-json.ts";
import { KnockError } from "../base/errors.ts";
import type { NotifyCall } from "../engine/notify-call.ts";
import type { AcceptedNotification, Operations } from "./operations.ts";
import type { Answer, Refusal } from "./refusal.ts";

/** What a mutation answers: the fields that were asked for, of one of its result types. */
interface Result extends Partial<Omit<Refusal, "issues">> {
  __typename: string;
  issues?: { path: string; message: string }[];
}

interface Response {
  data?: Record<string, Result | null> | null;
  errors?: { message: string; extensions?: { code?: string; issues?: { path: string; message: string }[] } }[];
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

interface Mutation {
  /** Name of the field. */
  field: string;
  /** Its arguments, such as `$users: [UserInput!]!`. */
  declared: string;
  passed: string;
  /** What to ask for of its success, and of failures beyond the usual. */
  selection?: string;
  variables: object;
}

interface Server {
  url: string;
  apiKey: string | undefined;
}

function withoutResult({ errors }: Response): Refusal {
  const [error] = errors ?? [];
  const { code = "INTERNAL", issues } = error?.extensions ?? {};
  const hint =
    code === "UNAUTHENTICATED"
      ? "Give a key with --api-key or KNOCK_API_KEY."
      : "Check the call, and the server's log.";
  return { code, message: error?.message ?? "The server gave no answer.", hint, issues: withPaths(issues) };
}

/** Calls one mutation. */
async function mutate<Success>(
  server: Server,
  mutation: Mutation,
  read: (result: JsonObject) => Success,
): Promise<Answer<Success>> {
  const { field, declared, passed, selection = "", variables } = mutation;
  const query = `mutation (${declared}) { ${field}(${passed}) { __typename ${selection} ${FAILURE} } }`;
  const response = await post(server, { query, variables });
  const result = response.data?.[field];
  if (!result) return { ok: false, refusal: withoutResult(response) };
  const { code, message = "", hint = "", issues } = result;
  if (code) return { ok: false, refusal: { code, message, hint, issues: withPaths(issues) } };
  return { ok: true, value: read(result as unknown as JsonObject) };
}

function notify(server: Server, input: NotifyCall): Promise<Answer<AcceptedNotification>> {
  const selection =
    "... on NotifySuccess { notification { id status } warnings { code message } } ... on InvalidDataError { issues { path message } }";
  const mutation = {
    field: "notifyDynamic",
    declared: "$input: NotifyDynamicInput!",
    passed: "input: $input",
    selection,
    variables: { input },
  };
  return mutate(server, mutation, ({ notification, warnings }) => {
    const { id, status } = notification as { id: string; status: string };
    return { id, status: status.toLowerCase(), warnings: warnings as unknown as AcceptedNotification["warnings"] };
  });
}

/** The verbs through a server's API. */
export function remoteOperations(url: string, apiKey?: string): Operations {
  const server = { url, apiKey };
  return {
    place: url,
    upsertUsers: (users) =>
      mutate(
        server,
        { field: "upsertUsers", declared: "$users: [UserInput!]!", passed: "users: $users", variables: { users } },
        () => null,
      ),
    addListMembers(list, members) {
      const declared = "$list: String!, $members: [ListMemberInput!]!";
      return mutate(
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
      return mutate(
        server,
        { field: "cancelNotifications", declared, passed, selection, variables: { key, recipients } },
        ({ notifications, runs }) => ({
          notifications: (notifications as unknown[]).length,
          runs: Number(runs),
        }),
      );
    },
  };
}
