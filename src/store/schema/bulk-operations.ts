import { integer, jsonb, text, uuid } from "drizzle-orm/pg-core";
import { instant, knock } from "./schema.ts";

/** One thing that could not be done, of many. */
export interface BulkError {
  /** The item's own id, or its position. */
  id: string;
  message: string;
}

/** Work on many things that a caller may ask about later. Done within the call that asks for it. Kept for a week. */
export const bulkOperations = knock.table("bulk_operations", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  status: text("status", { enum: ["completed", "failed"] }).notNull(),
  /** Items that were asked for, that worked and that did not. */
  total: integer("total").notNull(),
  succeeded: integer("succeeded").notNull(),
  failed: integer("failed").notNull(),
  errors: jsonb("errors").$type<BulkError[]>().notNull(),
  createdAt: instant("created_at").notNull(),
  finishedAt: instant("finished_at").notNull(),
});
