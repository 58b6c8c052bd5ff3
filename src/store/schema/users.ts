import { sql } from "drizzle-orm";
import { index, jsonb, primaryKey, text } from "drizzle-orm/pg-core";
import type { JsonObject } from "../../base/canonical-json.ts";
import { instant, knock } from "./schema.ts";

/**
 * Recipients and actors: people, and the objects of the project's own product that have followers. The id of an object
 * is made of its collection and its own id (`src/base/object-id.ts`), in a form that ids of people cannot have.
 */
export const users = knock.table(
  "users",
  {
    id: text("id").primaryKey(),
    name: text("name"),
    email: text("email"),
    phoneNumber: text("phone_number"),
    avatar: text("avatar"),
    locale: text("locale"),
    timezone: text("timezone"),
    properties: jsonb("properties").$type<JsonObject>().notNull().default({}),
    /** Addresses on channels that need more than an e-mail or a phone number, by channel key. */
    channelData: jsonb("channel_data").$type<Record<string, JsonObject>>().notNull().default({}),
    /** Of an object; `null` for a person. */
    collection: text("collection"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    // The objects of a collection.
    index("users_collection")
      .on(table.collection, table.id)
      .where(sql`${table.collection} is not null`),
  ],
);

/** Named sets of users. The subscribers of an object are a list, too, named by the object's id. */
export const lists = knock.table(
  "lists",
  {
    name: text("name").primaryKey(),
    properties: jsonb("properties").$type<JsonObject>().notNull().default({}),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    // Listing those that are no subscribers of objects.
    index("lists_own")
      .on(table.name)
      .where(sql`"name" not like '#%'`),
  ],
);

/** Who is in which list. The user need not exist yet. */
export const listMembers = knock.table(
  "list_members",
  {
    list: text("list")
      .notNull()
      .references(() => lists.name, { onDelete: "cascade" }),
    userId: text("user_id").notNull(),
    properties: jsonb("properties").$type<JsonObject>().notNull().default({}),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    // Fan-out pages a list by user id.
    primaryKey({ columns: [table.list, table.userId] }),
    // The lists of one user; deleting a user.
    index("list_members_user").on(table.userId),
    // The objects among the subscribers of an object, whose own subscribers are reached through it.
    index("list_members_objects")
      .on(table.list, table.userId)
      .where(sql`"user_id" like '#%'`),
  ],
);

/** Memberships that ended: who was in which list, and when. Kept as long as runs are. */
export const listDepartures = knock.table(
  "list_departures",
  {
    list: text("list").notNull(),
    userId: text("user_id").notNull(),
    joinedAt: instant("joined_at").notNull(),
    leftAt: instant("left_at").notNull(),
  },
  (table) => [
    // The lists that one user was in, the last first.
    index("list_departures_user").on(table.userId, table.leftAt),
    // Deleting the oldest.
    index("list_departures_age").on(table.leftAt),
  ],
);

/** Customers of the project's own product; a notification may belong to one. */
export const tenants = knock.table("tenants", {
  id: text("id").primaryKey(),
  name: text("name"),
  properties: jsonb("properties").$type<JsonObject>().notNull().default({}),
  /** How messages of the tenant look: `branding`, as it was given. */
  settings: jsonb("settings").$type<JsonObject>().notNull().default({}),
  createdAt: instant("created_at").notNull(),
  updatedAt: instant("updated_at").notNull(),
});
