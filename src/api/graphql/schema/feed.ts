import type { FeedQuestion } from "../../../engine/feed/contract.ts";
import { countFeed, readFeed } from "../../../engine/feed/read-feed.ts";
import type { FeedCounts } from "../../../store/reads/feed.ts";
import { arrivalKey, type PageArguments } from "../../../store/paging.ts";
import { connection } from "../connection.ts";
import type { Builder } from "../builder.ts";
import type { Context } from "../context.ts";
import { feedQuestion, type FilterInput } from "../feed-question.ts";
import { addFeedItem } from "./feed-item.ts";
import type { Kit } from "./kit.ts";

const counts = {
  totalCount: "How many items there are.",
  unreadCount: "How many of them are not read.",
  unseenCount: "How many of them are not seen.",
} as const satisfies Record<keyof FeedCounts & string, string>;

/** The filter, and the enums in it. */
export function feedFilterInput(builder: Builder) {
  const status = builder.enumType("FeedStatus", {
    description: "What became of an item.",
    values: {
      UNSEEN: { value: "unseen" as const, description: "It was not on the screen yet." },
      UNREAD: { value: "unread" as const, description: "It was not read yet." },
      SEEN: { value: "seen" as const, description: "It was on the screen." },
      READ: { value: "read" as const, description: "It was read." },
    },
  });
  const archived = builder.enumType("Archived", {
    description: "What a feed does with archived items.",
    values: {
      EXCLUDE: { value: "exclude" as const, description: "Leaves them out." },
      INCLUDE: { value: "include" as const, description: "Shows them among the others." },
      ONLY: { value: "only" as const, description: "Shows nothing else." },
    },
  });
  return builder.inputType("FeedFilter", {
    description: "Which items of a feed. Members are combined; those that are left out ask for any.",
    fields: (t) => ({
      status: t.field({ type: status, description: "What became of them. The counts do not follow it." }),
      archived: t.field({ type: archived, description: "What to do with archived items. Default: EXCLUDE." }),
      workflow: t.stringList({ description: "Keys of workflows: items of any of them." }),
      category: t.stringList({ description: "Categories of workflows, as deployed now: items of any of them." }),
      tenant: t.id({ description: "Items of this tenant, and items that belong to none." }),
      hasTenant: t.boolean({
        description: "Whether they belong to a tenant; with `tenant`, `true` leaves out those that belong to none.",
      }),
      data: t.field({
        type: "JSON",
        description: "Members that the notification's data must have, each a text, number, boolean or null.",
      }),
      channel: t.string({ description: "Key of an in-app channel, for projects with several." }),
    }),
  });
}

/** A page of a feed, with what its counts are asked of. */
export async function readPage(
  context: Context,
  userId: string,
  { filter, ...page }: PageArguments & { filter?: FilterInput | null | undefined },
) {
  const question = feedQuestion(context, userId, filter ?? {});
  return { ...connection(await readFeed(context.engine.context, question, page), arrivalKey), question };
}

/** What people see, for servers that show it to them. */
export function addFeed(kit: Kit): void {
  const { builder, page, connections, feedFilter } = kit;
  addFeedItem(kit);
  // All three counts are one query, whichever are asked for.
  const counted = new WeakMap<FeedQuestion, Promise<FeedCounts>>();
  const count = (question: FeedQuestion, { engine }: Context) => {
    const known = counted.get(question) ?? countFeed(engine.context, question);
    counted.set(question, known);
    return known;
  };
  builder.objectType("FeedCounts", {
    description: "How much is in a feed.",
    fields: (t) => ({
      totalCount: t.int({ description: counts.totalCount, resolve: (counted) => counted.totalCount }),
      unreadCount: t.int({ description: counts.unreadCount, resolve: (counted) => counted.unreadCount }),
      unseenCount: t.int({ description: counts.unseenCount, resolve: (counted) => counted.unseenCount }),
    }),
  });
  for (const [name, description] of Object.entries(counts)) {
    builder.objectField(connections.feed, name, (t) =>
      t.int({
        description,
        resolve: async ({ question }, _args, context) => (await count(question, context))[name as keyof typeof counts],
      }),
    );
  }
  builder.queryField("feed", (t) =>
    t.field({
      type: connections.feed,
      description: "The in-app messages of a user, the newest arrivals first. People read theirs at `viewer`.",
      authScopes: { read: true },
      args: {
        ...page,
        userId: t.arg.id({ required: true, description: "Id of the user." }),
        filter: t.arg({ type: feedFilter, description: "Which items. Default: all that are not archived." }),
      },
      resolve: (_root, { userId, ...args }, context) => readPage(context, userId, args),
    }),
  );
}
