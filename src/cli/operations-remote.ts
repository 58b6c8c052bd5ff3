import type { JsonObject } from "../base/canonical-json.ts";
import { KnockError } from "../base/errors.ts";
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

const asPath = (path: string): (string | number)[] => path.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));

const withPaths = (issues: { path: string; message: string }[] = []): Refusal["issues"] =>
  issues.map(({ path, message }) => ({ path: asPath(path), message }));

function problemOf(error: unknown): string {
  if (error instanceof SyntaxError) return "what answers is no knock";
  const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
  return code === "ECONNREFUSED" ? "nothing listens there" : (code ?? message);
}

async function post(url: string, apiKey: string | undefined, body: object): Promise<Response> {
  const unreachable = (problem: string, cause?: unknown) => new KnockError("SERVER_UNREACHABLE", { url, problem }, { cause });
  if (!URL.canParse(url)) throw unreachable("that is no URL");
  const headers = { "content-type": "application/json", accept: "application/json", ...(apiKey && { authorization: `Bearer ${apiKey}` }) };
  try {
    const response = await fetch(new URL("/graphql", url), { method: "POST", headers, body: JSON.stringify(body) });
    return (await response.json()) as Response;
  } catch (error) {
    throw unreachable(problemOf(error), error);
  }
}

/** The verbs through a server's API. */
export function remoteOperations(url: string, apiKey?: string): Operations {
  async function mutate<Success>(field: string, query: string, variables: object, read: (result: JsonObject) => Success): Promise<Answer<Success>> {
    const { data, errors } = await post(url, apiKey, { query: query.replace("FAILURE", FAILURE), variables });
    const result = data?.[field];
    if (!result) {
      const [error] = errors ?? [];
      const message = error?.message ?? "The server gave no answer.";
      const hint = error?.extensions?.code === "UNAUTHENTICATED" ? "Give a key with --api-key or KNOCK_API_KEY." : "Check the call and the server's log.";
      return { ok: false, refusal: { code: error?.extensions?.code ?? "INTERNAL", message, hint, issues: withPaths(error?.extensions?.issues) } };
    }
    const { code, message = "", hint = "", issues } = result;
    if (code) return { ok: false, refusal: { code, message, hint, issues: withPaths(issues) } };
    return { ok: true, value: read(result as unknown as JsonObject) };
  }

  return {
    place: url,
    upsertUsers: (users) =>
      mutate("upsertUsers", `mutation ($users: [UserInput!]!) { upsertUsers(users: $users) { __typename FAILURE } }`, { users }, () => null),
    addListMembers: (list, members) =>
      mutate(
        "addListMembers",
        `mutation ($list: String!, $members: [ListMemberInput!]!) { addListMembers(list: $list, members: $members) { __typename FAILURE } }`,
        { list, members },
        () => null,
      ),
    notify: (input) =>
      mutate(
        "notifyDynamic",
        `mutation ($input: NotifyDynamicInput!) { notifyDynamic(input: $input) {
          __typename ... on NotifySuccess { notification { id status } warnings { code message } } ... on InvalidDataError { issues { path message } } FAILURE } }`,
        { input },
        ({ notification, warnings }) => {
          const { id, status } = notification as { id: string; status: string };
          return { id, status: status.toLowerCase(), warnings: warnings as unknown as AcceptedNotification["warnings"] };
        },
      ),
    cancel: (cancellationKey, recipients) =>
      mutate(
        "cancelNotifications",
        `mutation ($key: String!, $recipients: [ID!]) { cancelNotifications(cancellationKey: $key, recipients: $recipients) {
          __typename ... on CancelNotificationsSuccess { notifications { id } runs } FAILURE } }`,
        { key: cancellationKey, recipients },
        ({ notifications, runs }) => ({ notifications: (notifications as unknown[]).length, runs: Number(runs) }),
      ),
  };
}
