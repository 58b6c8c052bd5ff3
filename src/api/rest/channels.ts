import { z } from "zod";
import { KnockError } from "../../base/errors.ts";
import { findUnstorable } from "../../base/text.ts";
import { inBulk } from "../../engine/directory/bulk.ts";
import { markSelected, removeSelected } from "../../engine/directory/bulk-messages.ts";
import { reachesTenant, type Viewer } from "../../engine/viewer/viewer.ts";
import type { MessageSelection } from "../../store/reads/message-filter.ts";
import { requireFeedChannel, channelKeyOf } from "./channel-id.ts";
import { succeeded } from "./errors.ts";
import { moment, triggerData } from "./feed-options.ts";
import { markings } from "./message-status.ts";
import { engagementFilter } from "./messages.ts";
import { tenantRefused } from "./owners.ts";
import { route } from "./route.ts";
import { bulkOperationShape, presentBulkOperation } from "./shapes/bulk-operation.ts";
import { deliveryStatuses } from "./shapes/message.ts";

/** What is done to messages; some clients say `archive`, some `archived`. */
const actions = { ...markings, archive: "ARCHIVED", unarchive: "UNARCHIVED", delete: "DELETE" } as const;

const actionNames = Object.keys(actions) as (keyof typeof actions)[];

const names = z.array(z.string()).max(1_000).nullish();

const filterBody = z.object({
  /** As the feed client says it: the messages that a person sees in a feed. */
  user_ids: names,
  recipient_ids: names,
  engagement_status: engagementFilter.nullish(),
  delivery_status: z.enum(deliveryStatuses).nullish(),
  archived: z.enum(["exclude", "include", "only"]).nullish(),
  has_tenant: z.boolean().nullish(),
  tenants: names,
  workflows: names,
  trigger_data: triggerData.nullish(),
  older_than: moment.nullish(),
  newer_than: moment.nullish(),
});

type Filter = z.output<typeof filterBody>;

/** Whose messages: a person reaches none but their own, whoever else is named. */
function recipientsOf({ user_ids: users, recipient_ids: recipients }: Filter, viewer: Viewer | null): string[] | null {
  const named = users || recipients ? [...(users ?? []), ...(recipients ?? [])] : null;
  return viewer ? [viewer.userId].filter((own) => named?.includes(own) ?? true) : named;
}

/** Of which tenants; a person reaches those that the token grants, and what belongs to none. Refuses others. */
function tenantsOf({ tenants, user_ids: users }: Filter, viewer: Viewer | null) {
  const wanted = tenants && tenants.length > 0 ? tenants : null;
  if (!(wanted ?? []).every((tenant) => reachesTenant(viewer, tenant))) throw tenantRefused();
  // The feed client means what its feed shows, and that of a tenant shows what belongs to none as well.
  return { tenantIds: wanted ?? viewer?.tenants, withoutTenant: Boolean(users) || viewer !== null };
}

/** The messages that a filter asks for; `null` when it names what nothing can be called. */
function selectionOf(channel: string, filter: Filter, viewer: Viewer | null): MessageSelection | null {
  if (findUnstorable(filter) !== null) return null;
  const { workflows, older_than: older, newer_than: newer } = filter;
  return {
    channel,
    recipientIds: recipientsOf(filter, viewer),
    ...tenantsOf(filter, viewer),
    hasTenant: filter.has_tenant,
    workflows: workflows && workflows.length > 0 ? workflows : null,
    statuses: filter.delivery_status ? [filter.delivery_status] : null,
    engagement: filter.engagement_status ? [filter.engagement_status] : null,
    archived: filter.archived,
    data: filter.trigger_data,
    createdAt: { lt: older ?? undefined, gt: newer ?? undefined },
  };
}

/** What is done to all messages of a channel that a filter asks for. */
export const channelRoutes = [
  route({
    method: "POST",
    path: "/v1/channels/:id/messages/bulk/:action",
    operation: "channels.bulk.updateMessageStatus",
    summary: "Marks or deletes all messages of a channel that a filter asks for. It is done when the call answers.",
    scope: "write",
    viewer: "messages",
    params: z.object({ id: z.string(), action: z.enum(actionNames) }),
    body: filterBody,
    responses: { 200: bulkOperationShape },
    async handle({ params: { id, action }, body }, { engine: { context }, identity: { viewer } }) {
      const channel = channelKeyOf(context, id) ?? requireFeedChannel(context, id).key;
      const as = actions[action];
      // People put away what they do not want to see; it stays for those who have to know what was said.
      if (as === "DELETE" && viewer) throw new KnockError("FORBIDDEN", { needed: "write", viewer: true });
      const selection = selectionOf(channel, body, viewer) ?? { ids: [] };
      const work = as === "DELETE" ? removeSelected(context, selection) : markSelected(context, { selection, as });
      const { done } = succeeded(await work);
      const operation = await inBulk(context, { name: `messages.${action}`, total: done }, async () => ({
        succeeded: done,
      }));
      return { status: 200, body: presentBulkOperation(operation) };
    },
  }),
];
