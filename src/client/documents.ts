// The operations that the client sends. Values always go as variables: the server keeps what it has
// parsed, and values in a document would be parsed anew each time.

const ERROR = "... on Error { code message hint }";
const INVALID_INPUT = `${ERROR} ... on InvalidInputError { issues { path message code } }`;
const UNKNOWN_LIST = `${ERROR} ... on UnknownListError { list }`;
const NOT_ACCEPTED = `${INVALID_INPUT}
  ... on InvalidDataError { issues { path message code } }
  ... on WorkflowInactiveError { workflow }
  ... on UnknownWorkflowError { workflow nearest }
  ... on UnknownActorError { actor }`;
const NOT_NOTIFIED = `${NOT_ACCEPTED} ... on DuplicateNotificationError { notificationId firstAt sameInput }`;

const SUCCESS = "... on NotifySuccess { notification { id workflow status createdAt } warnings { code message path } }";

const MESSAGE = `fragment Item on Message {
  id workflow step channel channelType content status reason scheduledAt createdAt seenAt readAt interactedAt archivedAt
}`;

const RUN = `fragment Execution on Run {
  id recipientId status list wakeAt createdAt finishedAt
  failure { step reason }
  steps { ref kind outcome code reason values at }
  batches { id step count openedAt closesAt closedAt }
  messages { ...Item }
}
${MESSAGE}`;

const EXPLAINED_MESSAGE = `fragment Outcome on ExplainedMessage {
  id step channel channelType status reason address providerMessageId createdAt scheduledAt nextAttemptAt
  sentAt deliveredAt seenAt readAt interactedAt clickedAt archivedAt
  attempts { number provider outcome statusCode reason startedAt finishedAt }
}`;

const MADE = "id workflow status recipientId lists nextAt createdAt";
const SCHEDULE = `fragment Plan on Schedule {
  ${MADE} actorId tenantId data recurrence timezone startsAt endsAt onMissed lastAt count problem updatedAt
}`;

/** The documents, by the name of the client's method. */
export const documents = {
  notify: `mutation Notify($input: NotifyDynamicInput!) { answer: notifyDynamic(input: $input) { ${SUCCESS} ${NOT_NOTIFIED} } }`,
  notifyMany: `mutation NotifyMany($inputs: [NotifyDynamicInput!]!) {
    answer: notifyManyDynamic(inputs: $inputs) { ${SUCCESS} ${NOT_NOTIFIED} } }`,
  simulate: `query Simulate($input: NotifyDynamicInput!, $at: DateTime, $first: Int, $assume: JSON) {
    answer: simulateDynamic(input: $input, at: $at, first: $first, assume: $assume) {
      ... on SimulateSuccess { simulation {
        at workflow total simulated assumed omitted text warnings { code message path }
        runs {
          recipientId workflow via list existing status wakeAt failure { step reason }
          steps { ref kind outcome code reason values at }
          messages { step channel channelType to content status at scheduledAt sentAt } } } }
      ${NOT_NOTIFIED} } }`,
  cancel: `mutation Cancel($cancellationKey: String!, $recipients: [ID!]) {
    answer: cancelNotifications(cancellationKey: $cancellationKey, recipients: $recipients) {
      ... on CancelNotificationsSuccess { notifications { id } runs } ${INVALID_INPUT} } }`,
  createSchedules: `mutation CreateSchedules($input: CreateSchedulesDynamicInput!) { answer: createSchedulesDynamic(input: $input) {
    ... on CreateSchedulesSuccess { schedules { ${MADE} } warnings { code message path } } ${NOT_ACCEPTED} } }`,
  updateSchedules: `mutation UpdateSchedules($ids: [ID!]!, $input: UpdateSchedulesInput!) { answer: updateSchedules(ids: $ids, input: $input) {
    ... on UpdateSchedulesSuccess { schedules { ${MADE} } } ${NOT_ACCEPTED} ... on NotFoundError { id } } }`,
  deleteSchedules: `mutation DeleteSchedules($ids: [ID!]!) { answer: deleteSchedules(ids: $ids) {
    ... on DeleteSchedulesSuccess { ids } ${INVALID_INPUT} } }`,
  schedule: `query Schedule($id: ID!) { answer: schedule(id: $id) { ...Plan } } ${SCHEDULE}`,
  schedules: `query Schedules($recipient: ID, $workflow: String, $status: ScheduleStatus, $first: Int, $after: String) {
    answer: schedules(recipient: $recipient, workflow: $workflow, status: $status, first: $first, after: $after) {
      edges { node { ...Plan } } pageInfo { hasNextPage endCursor } } }
    ${SCHEDULE}`,
  signalEvent: `mutation SignalEvent($name: String!, $match: JSON, $data: JSON) {
    answer: signalEvent(name: $name, match: $match, data: $data) { ... on SignalEventSuccess { runs } ${INVALID_INPUT} } }`,
  rerun: `mutation Rerun($ids: [ID!]!) { answer: rerunRuns(ids: $ids) {
    ... on RerunRunSuccess { id } ${ERROR} ... on NotFoundError { id } ... on RunNotFailedError { id } } }`,
  batch: `query Batch($id: ID!, $first: Int, $after: String) { answer: batch(id: $id) {
    id workflow step recipientId key count openedAt closesAt closedAt run { id }
    activities(first: $first, after: $after) {
      edges { node { runId notification { id data actorId createdAt } } } pageInfo { hasNextPage endCursor } } } }`,
  upsertUser: `mutation UpsertUser($input: UserInput!) { answer: upsertUser(input: $input) {
    ... on UpsertUserSuccess { id } ${INVALID_INPUT} } }`,
  upsertUsers: `mutation UpsertUsers($users: [UserInput!]!) { answer: upsertUsers(users: $users) {
    ... on UpsertUsersSuccess { count } ${INVALID_INPUT} } }`,
  deleteUser: `mutation DeleteUser($id: ID!) { answer: deleteUser(id: $id) { ... on DeleteUserSuccess { id } ${ERROR} ... on NotFoundError { id } } }`,
  upsertList: `mutation UpsertList($input: ListInput!) { answer: upsertList(input: $input) {
    ... on UpsertListSuccess { list { name properties } } ${INVALID_INPUT} } }`,
  deleteList: `mutation DeleteList($name: String!) { answer: deleteList(name: $name) {
    ... on DeleteListSuccess { name } ${UNKNOWN_LIST} } }`,
  addListMembers: `mutation AddListMembers($list: String!, $members: [ListMemberInput!]!) {
    answer: addListMembers(list: $list, members: $members) { ... on AddListMembersSuccess { added updated } ${INVALID_INPUT} } }`,
  removeListMembers: `mutation RemoveListMembers($list: String!, $userIds: [ID!]!) {
    answer: removeListMembers(list: $list, userIds: $userIds) { ... on RemoveListMembersSuccess { removed } ${INVALID_INPUT} ... on UnknownListError { list } } }`,
  setPreferences: `mutation SetPreferences($input: PreferencesInput!) { answer: setPreferences(input: $input) {
    ... on SetPreferencesSuccess { preferences } ${INVALID_INPUT} } }`,
  markMessages: `mutation MarkMessages($ids: [ID!], $all: MarkAll, $as: Marking!) { answer: markMessages(ids: $ids, all: $all, as: $as) {
    ... on MarkMessagesSuccess { marked } ${INVALID_INPUT} } }`,
  userPreferences: `query UserPreferences($userId: ID!, $tenant: ID) { answer: userPreferences(userId: $userId, tenant: $tenant) { preferences } }`,
  explainPreferences: `query ExplainPreferences($userId: ID!, $tenant: ID, $workflow: String!, $data: JSON) {
    answer: userPreferences(userId: $userId, tenant: $tenant) {
      explain(workflow: $workflow, data: $data) { step channel channelType allowed reason layer entry } } }`,
  notification: `query Notification($id: ID!, $first: Int, $after: String) { answer: notification(id: $id) {
    id workflow status createdAt warnings { code message path }
    counts { total completed halted cancelled failed waiting messages }
    runs(first: $first, after: $after) { edges { node { ...Execution } } pageInfo { hasNextPage endCursor } } } }
    ${RUN}`,
  explain: `query Explain($userId: ID!, $notificationId: ID, $workflow: String, $from: DateTime, $until: DateTime) {
    answer: explain(userId: $userId, notificationId: $notificationId, workflow: $workflow, from: $from, until: $until) {
      ... on ExplainSuccess { more reason explanations {
        userId version text
        notification { id workflow createdAt cancelledAt actorId tenantId source { kind id } }
        reach { recipient code reason list membership memberships { list asked joinedAt leftAt properties } }
        run { id status createdAt finishedAt wakeAt }
        steps {
          ref kind outcome code reason values at until
          preferences { layer entry allowed }
          batch { id count openedAt closesAt closedAt left carrier { runId own notificationId status messages { ...Outcome } } }
          message { ...Outcome } } } }
      ${INVALID_INPUT} ... on NotFoundError { id } ... on UnknownWorkflowError { workflow nearest } } }
    ${EXPLAINED_MESSAGE}`,
  run: `query Run($id: ID!) { answer: run(id: $id) { ...Execution } } ${RUN}`,
  feed: `query Feed($userId: ID!, $filter: FeedFilter, $first: Int, $after: String) {
    answer: feed(userId: $userId, filter: $filter, first: $first, after: $after) {
      edges { node {
        id workflow categories channel tenantId title body actionUrl data notificationData
        actors { id name avatar } actorCount activityCount arrivedAt seenAt readAt interactedAt clickedAt archivedAt } }
      pageInfo { hasNextPage endCursor } totalCount unreadCount unseenCount } }`,
} as const;

/** The name of a document. */
export type DocumentName = keyof typeof documents;
