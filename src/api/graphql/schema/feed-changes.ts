import type { FeedEvent, FeedReason } from "../../../engine/feed/contract.ts";
import type { Context } from "../context.ts";
import { feedQuestion, type FilterInput } from "../feed-question.ts";
import { issueError } from "../request-errors.ts";
import { EndOfStream } from "../streams.ts";
import type { Kit } from "./kit.ts";

const reasons: Record<FeedReason, string> = {
  READY: "The subscription has begun, or goes on: nothing happened, these are the counts.",
  ARRIVED: "An item has come.",
  MARKED: "An item was marked: seen, read, archived, or one of these undone.",
  RESET: "Too much has changed to tell one by one, or too long ago: read the feed again.",
};

/** Whose feed the caller looks at: people their own, servers that of somebody whom they name. */
function whoseFeed({ identity }: Context, userId: string | null | undefined): string {
  const own = identity.viewer?.userId ?? null;
  const given = userId ?? null;
  if (own !== null && given !== null)
    throw issueError({ path: ["userId"], message: "People look at their own feed.", code: "forbidden" });
  const whose = own ?? given;
  if (whose === null)
    throw issueError({ path: ["userId"], message: "Name the user whose feed it is.", code: "required" });
  return whose;
}

interface Watching {
  userId?: string | null | undefined;
  filter?: FilterInput | null | undefined;
  after?: string | null | undefined;
}

function watch(context: Context, { userId, filter, after = null }: Watching) {
  const { engine, identity, streams } = context;
  const question = feedQuestion(context, whoseFeed(context, userId), filter ?? {});
  return streams.open(engine.feeds.subscribe(question, { after }), identity.viewer?.expiresAt ?? null);
}

function told(event: FeedEvent | EndOfStream): FeedEvent {
  if (event instanceof EndOfStream) throw event.error;
  return event;
}

/** What happens in feeds, as it happens. */
export function addFeedChanges({ builder, feedFilter }: Kit): void {
  const reason = builder.enumType("FeedReason", {
    description: "Why a feed tells something.",
    values: Object.fromEntries(
      Object.entries(reasons).map(([name, description]) => [name, { value: name as FeedReason, description }]),
    ),
  });
  builder.objectType("FeedChange", {
    description: "Something that happened in a feed.",
    fields: (t) => ({
      reason: t.expose("reason", { type: reason, description: "Why it is told." }),
      item: t.expose("item", {
        type: "FeedItem",
        nullable: true,
        description: "The item as it is now; null for READY and RESET.",
      }),
      counts: t.expose("counts", { type: "FeedCounts", description: "How much is in the feed now." }),
      cursor: t.exposeString("cursor", {
        description: "Give it as `after` to go on behind this: nothing is missed, nothing told twice.",
      }),
    }),
  });
  builder.subscriptionField("feedChanged", (t) =>
    t.field({
      type: "FeedChange",
      description:
        "What happens in a person's feed, in order; begins with READY. Ends with UNAUTHENTICATED when the user token does.",
      authScopes: { watch: true },
      args: {
        userId: t.arg.id({ description: "Whose feed, for servers. People look at their own." }),
        filter: t.arg({ type: feedFilter, description: "Which items. Default: all that are not archived." }),
        after: t.arg.string({ description: "Go on behind this cursor. Default: from now on." }),
      },
      subscribe: (_root, args, context) => watch(context, args),
      resolve: told,
    }),
  );
}
