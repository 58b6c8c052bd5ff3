import { isId } from "../../../base/ids.ts";
import type { RunRead } from "../../../store/reads/runs.ts";
import { connection } from "../connection.ts";
import type { Kit } from "./kit.ts";

/** Ids of the batches that a run opened or joined: its steps left them. */
const batchIdsOf = ({ state, trace }: RunRead): string[] =>
  trace.flatMap(({ ref }) => {
    const batch = state.results?.[ref]?.batch;
    return typeof batch === "string" ? [batch] : [];
  });

function addActivity({ builder }: Kit): void {
  builder.objectType("BatchActivity", {
    description: "One notification in a batch.",
    fields: (t) => ({
      notification: t.field({
        type: "Notification",
        nullable: true,
        description: "The notification; null when it is no longer kept.",
        async resolve({ notificationId }, _args, { load }) {
          const row = await load.notification(notificationId);
          return row && { id: row.id, row };
        },
      }),
      runId: t.exposeID("runId", { description: "Id of the run that brought it." }),
      run: t.field({
        type: "Run",
        nullable: true,
        description: "The run that brought it.",
        resolve: ({ runId }, _args, { load }) => load.run(runId),
      }),
    }),
  });
}

function addType({ builder, page, connections }: Kit): void {
  builder.objectType("Batch", {
    description: "A window in which the runs of one workflow, step, recipient and key are collected.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "Id of the batch." }),
      workflow: t.exposeString("workflow", { description: "Key of the workflow." }),
      step: t.exposeString("step", { description: "Ref of the step." }),
      recipientId: t.exposeID("recipientId", { description: "Id of the recipient." }),
      key: t.exposeString("key", { description: "Values of the key as JSON; empty for a step without a key." }),
      run: t.field({
        type: "Run",
        nullable: true,
        description: "The run that goes on with all activities; null while there is none.",
        resolve: ({ runId }, _args, { load }) => (runId === null ? null : load.run(runId)),
      }),
      count: t.exposeInt("count", { description: "How many activities it has." }),
      openedAt: t.expose("openedAt", { type: "DateTime", description: "When the first activity came." }),
      closesAt: t.expose("closesAt", {
        type: "DateTime",
        description: "When the window ends; each activity moves the end of a sliding one.",
      }),
      closedAt: t.expose("closedAt", {
        type: "DateTime",
        nullable: true,
        description: "When it was closed; null while it is open.",
      }),
      activities: t.field({
        type: connections.batchActivities,
        description: "All of them, oldest first, also those beyond what content sees.",
        args: page,
        resolve: async ({ id }, args, { load }) =>
          connection((await load.activities(id, args))!, ({ notificationId }) => notificationId),
      }),
    }),
  });
}

/** Batches. */
export function addBatches(kit: Kit): void {
  addActivity(kit);
  addType(kit);
  kit.builder.queryField("batch", (t) =>
    t.field({
      type: "Batch",
      nullable: true,
      description: "A batch by id.",
      authScopes: { read: true },
      args: { id: t.arg.id({ required: true, description: "Id of the batch." }) },
      resolve: async (_root, { id }, { load }) => (isId(id) ? load.batch(id.toLowerCase()) : null),
    }),
  );
  kit.builder.objectField("Run", "batches", (t) =>
    t.field({
      type: ["Batch"],
      description: "The batches that it opened or joined, in the order of its steps.",
      async resolve(run, _args, { load }) {
        const found = await Promise.all(batchIdsOf(run).map((id) => load.batch(id)));
        return found.filter((batch) => batch !== undefined);
      },
    }),
  );
}
