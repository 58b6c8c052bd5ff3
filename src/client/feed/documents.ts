// What the feed sends. The tests check each against the schema.

const ITEM = `fragment Item on FeedItem {
  id workflow categories channel tenantId title body actionUrl data notificationData
  actors { id name avatar } activityCount actorCount arrivedAt seenAt readAt interactedAt clickedAt archivedAt }`;
const ERROR = "... on Error { message } ... on InvalidInputError { issues { path message code } }";

/** One page of a feed. */
export const PAGE = `query FeedPage($first: Int, $after: String, $filter: FeedFilter) {
  viewer { feed(first: $first, after: $after, filter: $filter) {
    edges { node { ...Item } } pageInfo { hasNextPage endCursor } totalCount unreadCount unseenCount } } }
  ${ITEM}`;

/** Marks of the viewer's messages, with what they leave where that is asked for. */
export const MARK = `mutation Mark($ids: [ID!], $all: MarkAll, $as: Marking!, $counted: Boolean!) {
  answer: markMessages(ids: $ids, all: $all, as: $as) {
    ... on MarkMessagesSuccess { marked counts @include(if: $counted) { totalCount unreadCount unseenCount } }
    ${ERROR} } }`;

/** What happens in a feed. */
export const CHANGES = `subscription FeedChanges($filter: FeedFilter, $after: String) {
  feedChanged(filter: $filter, after: $after) {
    reason cursor counts { totalCount unreadCount unseenCount } item { ...Item } } }
  ${ITEM}`;
