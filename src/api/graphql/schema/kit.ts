// What the files of this folder build with: one kit per schema.
import { createBuilder, type Builder } from "../builder.ts";
import { addConnection, pageArguments } from "../connection.ts";
import type { FeedQuestion } from "../../../engine/feed/contract.ts";
import { createEnums, type Enums } from "./enums.ts";
import { feedFilterInput } from "./feed.ts";

/** The builder, and the types that more than one file uses. */
export interface Kit {
  builder: Builder;
  enums: Enums;
  /** The arguments of every connection. */
  page: ReturnType<typeof pageArguments>;
  connections: ReturnType<typeof createConnections>;
  /** Which items of a feed. */
  feedFilter: ReturnType<typeof feedFilterInput>;
}

const createConnections = (builder: Builder) => ({
  users: addConnection(builder, { node: "User", plural: "users" }),
  lists: addConnection(builder, { node: "List", plural: "lists" }),
  members: addConnection(builder, { node: "ListMember", plural: "members of a list" }),
  objects: addConnection(builder, { node: "ObjectRecipient", plural: "objects of a collection" }),
  subscriptions: addConnection(builder, { node: "ObjectSubscription", plural: "subscriptions" }),
  notifications: addConnection(builder, { node: "Notification", plural: "notifications" }),
  runs: addConnection(builder, { node: "Run", plural: "runs" }),
  batchActivities: addConnection(builder, { node: "BatchActivity", plural: "activities of a batch" }),
  deploys: addConnection(builder, { node: "Deploy", plural: "deploys" }),
  versions: addConnection(builder, { node: "WorkflowVersion", plural: "versions of a workflow" }),
  schedules: addConnection(builder, { node: "Schedule", plural: "schedules" }),
  messages: addConnection(builder, { node: "Message", plural: "messages" }),
  feed: addConnection<"FeedItem", { question: FeedQuestion }>(builder, {
    node: "FeedItem",
    name: "Feed",
    plural: "in-app messages",
  }),
});

/** A kit with a new builder. */
export function createKit(): Kit {
  const builder = createBuilder();
  return {
    builder,
    enums: createEnums(builder),
    page: pageArguments(builder),
    connections: createConnections(builder),
    feedFilter: feedFilterInput(builder),
  };
}
