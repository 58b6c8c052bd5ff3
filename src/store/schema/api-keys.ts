import { text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, knock } from "./schema.ts";

/** Keys with which the API is called. The key itself is shown once and never stored. */
export const apiKeys = knock.table(
  "api_keys",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    /** Secret keys are for servers; public ones are for what runs at people's, together with a user token. */
    kind: text("kind", { enum: ["secret", "public"] })
      .notNull()
      .default("secret"),
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
