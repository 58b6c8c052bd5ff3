import { index, text, uuid } from "drizzle-orm/pg-core";
import { knock } from "./schema.ts";

/** Runs that wait for something to happen; when it does not, the run's own `wake_at` ends the wait. */
export const waits = knock.table(
  "waits",
  {
    /** A run waits for one thing at a time. */
    runId: uuid("run_id").primaryKey(),
    step: text("step").notNull(),
    /** Name of the event; `message.read` and the like for what becomes of a message. */
    event: text("event").notNull(),
    /** Canonical JSON of what the event must match, or its hash when long; the message's id for what becomes of one. */
    match: text("match").notNull(),
  },
  // An event finds the runs that wait for it.
  (table) => [index("waits_match").on(table.match, table.event)],
);
