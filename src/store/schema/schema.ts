import { customType, pgSchema, timestamp } from "drizzle-orm/pg-core";

/** All tables live in one PostgreSQL schema, so that a project can share its database with us. */
export const knock = pgSchema("knock");

/** An instant with millisecond precision: what JavaScript can hold, so a value read is the value written. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });

/** Id of the transaction that wrote a row: with a snapshot it tells what was committed since, whatever the order of commits. */
export const transactionId = customType<{ data: string }>({ dataType: () => "xid8" });
