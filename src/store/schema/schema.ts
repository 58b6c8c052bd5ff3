import { pgSchema, timestamp } from "drizzle-orm/pg-core";

/** All tables live in one PostgreSQL schema, so that a project can share its database with us. */
export const knock = pgSchema("knock");

/** An instant with millisecond precision: what JavaScript can hold, so a value read is the value written. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });
