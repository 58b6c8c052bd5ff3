import { z } from "zod";
import { findBulkOperation } from "../../store/bulk-operations.ts";
import { missing } from "./errors.ts";
import { route } from "./route.ts";
import { bulkOperationShape, presentBulkOperation } from "./shapes/bulk-operation.ts";

/** What became of work on many things. */
export const bulkOperationRoutes = [
  route({
    method: "GET",
    path: "/v1/bulk_operations/:id",
    operation: "bulkOperations.get",
    summary: "Work on many things that was asked for in the last seven days.",
    scope: "read",
    params: z.object({ id: z.string() }),
    responses: { 200: bulkOperationShape },
    async handle({ params }, { engine }) {
      const found = await findBulkOperation(engine.context.database.db, params.id);
      if (!found) throw missing("bulk operation");
      return { status: 200, body: presentBulkOperation(found) };
    },
  }),
];
