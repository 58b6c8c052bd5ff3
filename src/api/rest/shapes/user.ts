import { z } from "zod";
import { objectOf } from "../../../base/object-id.ts";
import type { StoredUser } from "../../../store/users.ts";
import { shape, timestamp } from "./shape.ts";

/** A person. The project's own properties stand beside the product's. */
export const userShape = shape(
  "User",
  z.looseObject({
    __typename: z.literal("User"),
    id: z.string(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone_number: z.string().nullable(),
    avatar: z.string().nullable(),
    locale: z.string().nullable(),
    timezone: z.string().nullable(),
    /** As the project said, else when the person became known here. */
    created_at: z.string(),
    updated_at: timestamp,
  }),
);

/** An object of the project's own product. */
export const objectShape = shape(
  "Object",
  z.strictObject({
    __typename: z.literal("Object"),
    id: z.string(),
    collection: z.string(),
    properties: z.record(z.string(), z.unknown()),
    created_at: timestamp,
    updated_at: timestamp,
  }),
);

/** Whoever gets something. */
export const recipientShape = shape("Recipient", z.union([userShape, objectShape]));

/** A recipient by its id alone: that of a person, or the collection and id of an object. */
export const recipientReference = shape(
  "RecipientReference",
  z.union([z.string(), z.strictObject({ id: z.string(), collection: z.string() })]),
);

/** A recipient id as clients write it. */
export const referenceOf = (recipientId: string): z.output<typeof recipientReference> =>
  objectOf(recipientId) ?? recipientId;

/** A person as clients know it. */
export function presentUser(user: StoredUser): z.output<typeof userShape> {
  const { id, name, email, avatar, locale, timezone, phoneNumber, properties, createdAt, updatedAt } = user;
  const { created_at: since, ...own } = properties;
  return {
    ...own,
    __typename: "User",
    id,
    name,
    email,
    phone_number: phoneNumber,
    avatar,
    locale,
    timezone,
    created_at: typeof since === "string" ? since : createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

/** An object as clients know it: what people have as columns are properties like others. */
export function presentObject(user: StoredUser): z.output<typeof objectShape> {
  const { name, email, avatar, locale, timezone, phoneNumber, properties } = user;
  const columns = { name, email, avatar, locale, timezone, phone_number: phoneNumber };
  const known = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null));
  return {
    __typename: "Object",
    id: objectOf(user.id)?.id ?? user.id,
    collection: user.collection ?? "",
    properties: { ...properties, ...known },
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
  };
}

/** A recipient as clients know it. */
const presentRecipient = (user: StoredUser): z.output<typeof recipientShape> =>
  user.collection === null ? presentUser(user) : presentObject(user);

/** A recipient that may be unknown: then there is its id and nothing more. */
export function presentKnown(
  recipientId: string,
  user: StoredUser | undefined,
): z.output<typeof recipientShape> | z.output<typeof recipientReference> {
  return user ? presentRecipient(user) : referenceOf(recipientId);
}
