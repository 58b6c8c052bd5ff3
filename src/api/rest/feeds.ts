import { z } from "zod";
import type { EngineContext } from "../../engine/engine.ts";
import type { FeedQuestion } from "../../engine/feed/contract.ts";
import { countFeed, readFeed } from "../../engine/feed/read-feed.ts";
import { reachesTenant, type Viewer } from "../../engine/viewer/viewer.ts";
import type { FeedItem } from "../../store/reads/feed.ts";
import { activitiesOf, inFull, inPublic, type Show, shownUsers } from "./activities.ts";
import { requireFeedChannel } from "./channel-id.ts";
import { excluding } from "./excluding.ts";
import { feedFilterOf, feedOptions, insertedAt } from "./feed-options.ts";
import { tenantRefused } from "./owners.ts";
import { pageArguments, pageInfoOf, pageQuery } from "./paging.ts";
import { route } from "./route.ts";
import { feedSettingsShape, feedShape, presentCounts, presentFeedItem } from "./shapes/feed.ts";
import { categoriesOf } from "./shapes/message.ts";
import { presentKnown } from "./shapes/user.ts";

const params = z.object({ user_id: z.string(), id: z.string() });

const feedQuery = z.object({
  ...pageQuery,
  ...feedOptions.shape,
  inserted_at: insertedAt.optional(),
  mode: z.enum(["rich", "compact"]).optional(),
  /** Members that are not wanted, such as `entries.activities,vars`. */
  exclude: z.string().optional(),
  /** Taken, and of no effect: items are in the language in which they were made. */
  locale: z.string().optional(),
});

/** Activities of an item that are shown with it. */
const ACTIVITIES = 10;

/** A feed as a client asks for it. Refuses a tenant that the token does not grant. */
function questionOf(
  userId: string,
  viewer: Viewer | null,
  { channel, options }: { channel: string; options: z.output<typeof feedOptions> },
): FeedQuestion {
  const filter = { ...feedFilterOf(options), channel };
  if (filter.tenant && !reachesTenant(viewer, filter.tenant)) throw tenantRefused();
  return { userId, viewer, filter };
}

/** Items with all that belongs to them, with a few statements however many they are. */
async function presentItems(
  context: EngineContext,
  items: readonly FeedItem[],
  { mode, show }: { mode: "rich" | "compact"; show: Show },
) {
  const { db } = context.database;
  const shown = items.map(({ actorIds }) => (mode === "compact" ? actorIds.slice(0, 1) : actorIds));
  const users = await shownUsers(db, shown.flat(), show);
  const activities = mode === "rich" ? await activitiesOf(db, items, { first: ACTIVITIES, show }) : null;
  return items.map((item, index) =>
    presentFeedItem(item, {
      categories: categoriesOf(context, item.workflow),
      actors: shown[index]!.map((id) => presentKnown(id, users.get(id))),
      activities: activities?.[index]?.nodes ?? null,
    }),
  );
}

/** Feeds, as the published feed client reads them. */
export const feedRoutes = [
  route({
    method: "GET",
    path: "/v1/users/:user_id/feeds/:id",
    operation: "users.feeds.listItems",
    summary: "One page of a person's feed, newest first, and how much is in it. Of a person whom nobody knows: empty.",
    scope: "read",
    viewer: "user",
    params,
    query: feedQuery,
    // With `exclude`, what is left.
    responses: { 200: z.union([feedShape, z.looseObject({})]) },
    async handle({ params: { user_id: userId, id }, query }, { engine: { context }, identity: { viewer } }) {
      const { inserted_at: arrived, mode = "rich", exclude = "" } = query;
      const channel = requireFeedChannel(context, id).key;
      const question = questionOf(userId, viewer, { channel, options: query });
      const [page, counts] = await Promise.all([
        readFeed(context, question, { ...pageArguments(query), arrived }),
        countFeed(context, question),
      ]);
      const body = {
        entries: await presentItems(context, page.nodes, { mode, show: viewer ? inPublic : inFull }),
        meta: presentCounts(counts),
        page_info: pageInfoOf(page, query),
        vars: {},
      };
      return { status: 200, body: excluding(body, exclude) };
    },
  }),
  route({
    method: "GET",
    path: "/v1/users/:user_id/feeds/:id/settings",
    operation: "users.feeds.getSettings",
    summary: "How a feed is to be shown: without anybody's name.",
    scope: "read",
    viewer: "user",
    params,
    responses: { 200: feedSettingsShape },
    async handle({ params: { id } }, { engine: { context } }) {
      requireFeedChannel(context, id);
      return { status: 200, body: { features: { branding_required: false } } };
    },
  }),
];
