import { text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, knock } from "./schema.ts";

/** Keys of servers that call the API. The secret itself is shown once and never stored. */
export const apiKeys = knock.table(
  "api_keys",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    /** The first characters of the secret, for people to recognise it. */
    prefix: text("prefix").notNull(),
    /** SHA-256 of the secret, in hexadecimal. */
    hash: text("hash").notNull(),
    scopes: text("scopes").array().notNull(),
    createdAt: instant("created_at").notNull(),
    revokedAt: instant("revoked_at"),
  },
  // Each request looks its key up by hash.
  (table) => [unique("api_keys_hash").on(table.hash)],
);
