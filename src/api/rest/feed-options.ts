// What clients of the hosted product may ask of a feed, over HTTP and over the socket.
import { z } from "zod";
import type { FeedFilter } from "../../engine/feed/contract.ts";

/** Data by which things are chosen: flat. Clients send it as JSON text, or one parameter per member. */
export const triggerData = z.preprocess(
  (value) => {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  },
  z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]), {
    error: "trigger_data is a flat object of texts, numbers, booleans and nulls.",
  }),
);

/** An instant that clients choose by, of a year with four digits: the database knows fewer years than JavaScript. */
export const moment = z.coerce.date().min(new Date("0001-01-01T00:00:00Z")).max(new Date("9999-12-31T23:59:59.999Z"));

/** Bounds of the time at which something came. */
export const insertedAt = z.strictObject({
  gt: moment.optional(),
  gte: moment.optional(),
  lt: moment.optional(),
  lte: moment.optional(),
});

/** What a feed shows. */
export const feedOptions = z.object({
  status: z.enum(["unread", "read", "unseen", "seen", "all"]).nullish(),
  source: z.string().nullish(),
  tenant: z.string().nullish(),
  has_tenant: z.boolean().nullish(),
  workflow_categories: z.array(z.string()).nullish(),
  archived: z.enum(["exclude", "include", "only"]).nullish(),
  trigger_data: triggerData.nullish(),
});

/** Options in the engine's words. */
export function feedFilterOf(options: z.output<typeof feedOptions>): FeedFilter {
  const { status, source, tenant, has_tenant: hasTenant, workflow_categories: categories } = options;
  return {
    status: status === "all" ? null : status,
    archived: options.archived,
    workflows: source ? [source] : null,
    categories: categories && categories.length > 0 ? categories : null,
    tenant: tenant === "" ? null : tenant,
    hasTenant,
    data: options.trigger_data,
  };
}
