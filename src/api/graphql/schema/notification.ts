import { isId } from "../../../base/ids.ts";
import { pathText } from "../../../base/path-text.ts";
import type { Accepted } from "../../../engine/notify-call.ts";
import {
  pageNotifications,
  type NotificationRead,
  type Progress,
  statusOf,
} from "../../../store/reads/notifications.ts";
import { connection } from "../connection.ts";
import type { Context } from "../context.ts";
import type { Kit } from "./kit.ts";

/** A notification as resolvers are given it: just accepted, or read. The rest is read when it is asked for. */
export interface NotificationNode {
  id: string;
  accepted?: Accepted["notification"];
  row?: NotificationRead;
}

const NO_PROGRESS: Progress = { total: 0, completed: 0, halted: 0, cancelled: 0, failed: 0, waiting: 0, openChunks: 0 };

async function rowOf({ id, row }: NotificationNode, { load }: Context): Promise<NotificationRead> {
  const found = row ?? (await load.notification(id));
  if (!found) throw new Error(`notification ${id} has vanished while it was read`);
  return found;
}

const progressOf = async (id: string, { load }: Context): Promise<Progress> => (await load.progress(id)) ?? NO_PROGRESS;

function addCounts({ builder }: Kit) {
  const count = (description: string) => ({ description });
  return builder.objectRef<Progress & { id: string }>("NotificationCounts").implement({
    description: "What became of a notification, in numbers. Counted each time it is asked for.",
    fields: (t) => ({
      total: t.exposeInt("total", count("Runs: one for each recipient reached so far.")),
      completed: t.exposeInt("completed", count("Runs that went through all steps.")),
      halted: t.exposeInt("halted", count("Runs that a condition or a step ended.")),
      cancelled: t.exposeInt("cancelled", count("Runs that were cancelled.")),
      failed: t.exposeInt("failed", count("Runs that failed.")),
      waiting: t.exposeInt("waiting", count("Runs that go on later.")),
      messages: t.int({
        description: "Messages on all channels.",
        resolve: async ({ id }, _args, { load }) => (await load.messageCount(id)) ?? 0,
      }),
    }),
  });
}

function addType(kit: Kit): void {
  const { builder, enums, page, connections } = kit;
  const counts = addCounts(kit);
  builder.objectType("Notification", {
    description: "One accepted notify call.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "Ids sort by time." }),
      status: t.field({
        type: enums.notificationStatus,
        description: "Where it stands.",
        resolve: async (node, _args, context) =>
          node.accepted?.status ?? statusOf(await rowOf(node, context), await progressOf(node.id, context)),
      }),
      workflow: t.string({
        description: "Key of the workflow.",
        resolve: async (node, _args, context) => node.accepted?.workflow ?? (await rowOf(node, context)).workflow,
      }),
      createdAt: t.field({
        type: "DateTime",
        description: "When it was accepted.",
        resolve: async (node, _args, context) => node.accepted?.createdAt ?? (await rowOf(node, context)).createdAt,
      }),
      counts: t.field({
        type: counts,
        description: "What became of it, in numbers.",
        authScopes: { read: true },
        resolve: async ({ id }, _args, context) => ({ ...(await progressOf(id, context)), id }),
      }),
      runs: t.field({
        type: connections.runs,
        description: "One run for each recipient.",
        authScopes: { read: true },
        args: page,
        resolve: async ({ id }, args, { load }) => connection((await load.runs(id, args))!, (run) => run.id),
      }),
    }),
  });
}

/** A resolver of something that stands in the row. */
const fromRow =
  <Value>(read: (row: NotificationRead, context: Context) => Value) =>
  async (node: NotificationNode, _args: object, context: Context): Promise<Awaited<Value>> =>
    await read(await rowOf(node, context), context);

function addSource({ builder, enums }: Kit): void {
  builder.objectType("NotificationSource", {
    description: "What made a notification.",
    fields: (t) => ({
      kind: t.field({
        type: enums.sourceKind,
        description: "What it is.",
        resolve: ({ source }) => source?.kind ?? "call",
      }),
      run: t.field({
        type: "Run",
        nullable: true,
        description: "The run whose step it was.",
        resolve: ({ source }, _args, { load }) => (source?.kind === "step" ? load.run(source.id) : null),
      }),
      schedule: t.field({
        type: "Schedule",
        nullable: true,
        description: "The schedule, as long as it exists.",
        resolve: ({ source }, _args, { load }) => (source?.kind === "schedule" ? load.schedule(source.id) : null),
      }),
      id: t.id({
        nullable: true,
        description: "Id of the run or the schedule; null for a call.",
        resolve: ({ source }) => source?.id ?? null,
      }),
    }),
  });
}

function addRowFields({ builder }: Kit): void {
  const asGiven = "As the call gave it.";
  const optional = { authScopes: { read: true }, nullable: true } as const;
  const always = { authScopes: { read: true } };
  builder.objectFields("Notification", (t) => ({
    version: t.int({
      ...optional,
      description: "Version of the workflow whose structure its runs keep.",
      resolve: fromRow(({ versionId }, { load }) => load.version(versionId)),
    }),
    data: t.field({
      ...always,
      type: "JSON",
      description: "As parsed by the workflow's schema.",
      resolve: fromRow((row) => row.data),
    }),
    recipients: t.idList({
      ...always,
      description: "The recipients that the call named.",
      resolve: fromRow((row) => row.recipients),
    }),
    lists: t.stringList({
      ...always,
      description: "The lists that the call named.",
      resolve: fromRow((row) => row.lists),
    }),
    actorId: t.id({ ...optional, description: "Id of the actor.", resolve: fromRow((row) => row.actorId) }),
    actor: t.field({
      ...optional,
      type: "User",
      description: "The user who did the thing.",
      resolve: fromRow(({ actorId }, { load }) => (actorId === null ? null : load.user(actorId))),
    }),
    tenantId: t.id({ ...optional, description: "Id of the tenant.", resolve: fromRow((row) => row.tenantId) }),
    idempotencyKey: t.string({ ...optional, description: asGiven, resolve: fromRow((row) => row.idempotencyKey) }),
    cancellationKey: t.string({ ...optional, description: asGiven, resolve: fromRow((row) => row.cancellationKey) }),
    cancelledAt: t.field({
      ...optional,
      type: "DateTime",
      description: "When it was cancelled for all recipients.",
      resolve: fromRow((row) => row.cancelledAt),
    }),
    source: t.field({
      ...always,
      type: "NotificationSource",
      description: "What made it.",
      resolve: fromRow(({ source }) => ({ source })),
    }),
    warnings: t.field({
      ...always,
      type: ["Warning"],
      description: "What the caller was told although the call succeeded.",
      resolve: fromRow((row) => row.warnings),
    }),
  }));
}

/** Notifications. */
export function addNotifications(kit: Kit): void {
  const { builder, page, connections } = kit;
  builder.objectType("Warning", {
    description: "Something that a caller should know although the call succeeded.",
    fields: (t) => ({
      code: t.exposeString("code", { description: "Stable, for programs: `UNKNOWN_RECIPIENT`." }),
      message: t.exposeString("message", { description: "For people." }),
      path: t.string({ description: "Which part of the call: `recipients.0`.", resolve: ({ path }) => pathText(path) }),
    }),
  });
  addType(kit);
  addSource(kit);
  addRowFields(kit);
  builder.queryFields((t) => ({
    notification: t.field({
      type: "Notification",
      nullable: true,
      description: "A notification by id.",
      authScopes: { read: true },
      args: { id: t.arg.id({ required: true, description: "Id of the notification." }) },
      async resolve(_root, { id }, { load }) {
        const row = isId(id) ? await load.notification(id.toLowerCase()) : undefined;
        return row && { id: row.id, row };
      },
    }),
    notifications: t.field({
      type: connections.notifications,
      description: "Notifications, newest first.",
      authScopes: { read: true },
      args: { ...page, workflow: t.arg.string({ description: "Only those of the workflow with this key." }) },
      async resolve(_root, { workflow, ...args }, { engine }) {
        const found = await pageNotifications(engine.context.database.db, workflow ?? null, args);
        const nodes = found.nodes.map((row): NotificationNode => ({ id: row.id, row }));
        return connection({ ...found, nodes }, ({ id }) => id);
      },
    }),
  }));
}
