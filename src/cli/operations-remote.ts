import type { NotifyCall } from "../engine/notify-call.ts";
import { EXPLAINED, toldRemotely } from "./explained.ts";
import { IMPACT, impactRemotely } from "./impact.ts";
import type { AcceptedNotification, ListedSchedule, MadeSchedule, Operations } from "./operations.ts";
import { answerOf, call, type Result, send, type Server } from "./remote.ts";
import type { Answer } from "./refusal.ts";
import { SIMULATED, simulatedRemotely } from "./simulated.ts";

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

const simulate: Remote<"simulate"> = (server) => (input, options) =>
  call(
    server,
    {
      kind: "query",
      field: "simulateDynamic",
      declared: "$input: NotifyDynamicInput!, $at: DateTime, $first: Int, $assume: JSON",
      passed: "input: $input, at: $at, first: $first, assume: $assume",
      selection: SIMULATED,
      variables: { input, ...options },
    },
    simulatedRemotely,
  );

const explain: Remote<"explain"> = (server) => (question) =>
  call(
    server,
    {
      kind: "query",
      field: "explain",
      declared: "$userId: ID!, $notificationId: ID, $workflow: String, $from: DateTime, $until: DateTime",
      passed: "userId: $userId, notificationId: $notificationId, workflow: $workflow, from: $from, until: $until",
      selection: EXPLAINED,
      variables: question,
    },
    toldRemotely,
  );

const preferenceImpact: Remote<"preferenceImpact"> = (server) => (question) =>
  call(
    server,
    {
      kind: "query",
      field: "preferenceImpact",
      declared: "$preferences: JSON!, $mode: PreferencesMode, $tenantId: ID",
      passed: "preferences: $preferences, mode: $mode, tenant: $tenantId",
      selection: IMPACT,
      variables: question,
    },
    impactRemotely,
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
    explain: explain(server),
    preferenceImpact: preferenceImpact(server),
    simulate: simulate(server),
    rerun: rerun(server),
  };
}
