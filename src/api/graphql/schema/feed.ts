import { countFeed, type FeedFilter, pageFeed } from "../../../store/reads/messages.ts";
import { connection } from "../connection.ts";
import type { Context } from "../context.ts";
import type { Kit } from "./kit.ts";

const shelves = { EXCLUDE: "exclude", INCLUDE: "include", ONLY: "only" } as const;

const counts = {
  totalCount: "How many messages there are.",
  unreadCount: "How many of them are not read.",
  unseenCount: "How many of them are not seen.",
} as const;

/** What a user's own interface shows. */
export function addFeed({ builder, page, connections }: Kit): void {
  const archived = builder.enumType("Archived", {
    description: "What a feed does with archived messages.",
    values: {
      EXCLUDE: { value: shelves.EXCLUDE, description: "Leaves them out." },
      INCLUDE: { value: shelves.INCLUDE, description: "Shows them among the others." },
      ONLY: { value: shelves.ONLY, description: "Shows nothing else." },
    },
  });
  // All three counts are one query, whichever are asked for.
  const counted = new WeakMap<FeedFilter, ReturnType<typeof countFeed>>();
  const count = (filter: FeedFilter, { engine }: Context) => {
    const known = counted.get(filter) ?? countFeed(engine.context.database.db, filter);
    counted.set(filter, known);
    return known;
  };
  for (const [name, description] of Object.entries(counts)) {
    builder.objectField(connections.feed, name, (t) =>
      t.int({
        description,
        resolve: async ({ filter }, _args, context) => (await count(filter, context))[name as keyof typeof counts],
      }),
    );
  }
  builder.queryField("feed", (t) =>
    t.field({
      type: connections.feed,
      description: "The in-app messages of a user, newest first.",
      authScopes: { read: true },
      args: {
        ...page,
        userId: t.arg.id({ required: true, description: "Id of the user." }),
        tenant: t.arg.id({ description: "Only those that belong to this tenant." }),
        archived: t.arg({ type: archived, description: "What to do with archived messages. Default: EXCLUDE." }),
      },
      async resolve(_root, { userId, tenant, archived: shelf, ...args }, { engine }) {
        const filter: FeedFilter = { userId, tenantId: tenant, archived: shelf ?? "exclude" };
        return { ...connection(await pageFeed(engine.context.database.db, filter, args), ({ id }) => id), filter };
      },
    }),
  );
}
