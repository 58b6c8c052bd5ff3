import { z } from "zod";
import { distinct } from "../../../base/arrays.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { StoredSubscription } from "../../../store/subscriptions.ts";
import { findUsers } from "../../../store/users.ts";
import { shape, timestamp } from "./shape.ts";
import { presentKnown, recipientReference, recipientShape } from "./user.ts";

/** That a recipient gets what is sent to an object. */
export const subscriptionShape = shape(
  "Subscription",
  z.strictObject({
    __typename: z.literal("Subscription"),
    recipient: z.union([recipientShape, recipientReference]),
    object: z.union([recipientShape, recipientReference]),
    properties: z.record(z.string(), z.unknown()),
    inserted_at: timestamp,
    updated_at: timestamp,
  }),
);

/** Subscriptions as clients know them, with who and what they are about. */
export async function presentSubscriptions(
  { context }: Pick<Engine, "context">,
  subscriptions: readonly StoredSubscription[],
): Promise<z.output<typeof subscriptionShape>[]> {
  const ids = distinct(subscriptions.flatMap(({ object, recipient }) => [object, recipient]));
  const known = await findUsers(context.database.db, ids);
  return subscriptions.map(({ object, recipient, properties, createdAt }) => ({
    __typename: "Subscription",
    recipient: presentKnown(recipient, known.get(recipient)),
    object: presentKnown(object, known.get(object)),
    properties,
    inserted_at: createdAt.toISOString(),
    updated_at: createdAt.toISOString(),
  }));
}
