import { z } from "zod";
import { isId } from "../../base/ids.ts";
import { objectRecipientId } from "../../base/object-id.ts";
import type { EngineContext } from "../../engine/engine.ts";
import { readNotifications } from "../../store/reads/notifications.ts";
import { pageRuns, readRuns, type RunRead } from "../../store/reads/runs.ts";
import type { RunStatus } from "../../store/schema/runs.ts";
import { missing } from "./errors.ts";
import { moment } from "./feed-options.ts";
import { pageArguments, pageInfoOf, pageQuery } from "./paging.ts";
import { route } from "./route.ts";
import { presentRun, presentRunEvents, runDetailShape, runShape, runStatusNames } from "./shapes/run.ts";
import { itemsOf } from "./shapes/shape.ts";
import { recipientReference } from "./shapes/user.ts";

const listQuery = z.object({
  ...pageQuery,
  workflow: z.string().optional(),
  status: z.array(z.enum(runStatusNames)).optional(),
  tenant: z.string().optional(),
  has_errors: z.boolean().optional(),
  recipient: recipientReference.optional(),
  starting_at: moment.optional(),
  ending_at: moment.optional(),
});

/** Our statuses behind those of clients. What was accepted and has no run yet is not listed. */
const meant: Record<(typeof runStatusNames)[number], RunStatus[]> = {
  queued: [],
  processing: [],
  paused: ["waiting"],
  completed: ["completed", "halted", "failed"],
  cancelled: ["cancelled"],
};

const recipientIdOf = (reference: z.output<typeof recipientReference>): string =>
  typeof reference === "string" ? reference : objectRecipientId(reference);

async function withNotifications({ database }: EngineContext, runs: readonly RunRead[]) {
  const notifications = await readNotifications(database.db, [
    ...new Set(runs.map(({ notificationId }) => notificationId)),
  ]);
  return runs.map((run) => presentRun(run, notifications.get(run.notificationId)));
}

/** Executions of workflows, each for one recipient. */
export const runRoutes = [
  route({
    method: "GET",
    path: "/v1/workflow_recipient_runs",
    operation: "workflowRecipientRuns.list",
    summary: "Runs, those of the newest notification first. Filters are combined.",
    scope: "read",
    query: listQuery,
    responses: { 200: itemsOf(runShape) },
    async handle({ query }, { engine: { context } }) {
      const filter = {
        workflow: query.workflow,
        statuses: query.status?.flatMap((status) => meant[status]),
        tenantId: query.tenant,
        recipientId: query.recipient && recipientIdOf(query.recipient),
        hasErrors: query.has_errors,
        createdAt: { gte: query.starting_at, lt: query.ending_at },
      };
      const page = await pageRuns(context.database.db, filter, pageArguments(query));
      const items = await withNotifications(context, page.nodes);
      return { status: 200, body: { items, page_info: pageInfoOf(page, query) } };
    },
  }),
  route({
    method: "GET",
    path: "/v1/workflow_recipient_runs/:id",
    operation: "workflowRecipientRuns.get",
    summary: "A run, with what was decided in it.",
    scope: "read",
    params: z.object({ id: z.string() }),
    responses: { 200: runDetailShape },
    async handle({ params }, { engine: { context } }) {
      const id = params.id.toLowerCase();
      const run = isId(id) ? (await readRuns(context.database.db, [id])).get(id) : undefined;
      if (!run) throw missing("run");
      const [presented] = await withNotifications(context, [run]);
      return { status: 200, body: { ...presented!, events: presentRunEvents(run) } };
    },
  }),
];
