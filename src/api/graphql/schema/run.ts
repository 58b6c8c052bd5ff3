import { derivedId, isId } from "../../../base/ids.ts";
import { channelKinds } from "../../../definition/steps/channel.ts";
import type { RunRead } from "../../../store/reads/runs.ts";
import type { Kit } from "./kit.ts";

function addStep({ builder, enums }: Kit): void {
  builder.objectType("RunStep", {
    description: "One decision of a run: what became of a step for this recipient, and why.",
    fields: (t) => ({
      ref: t.exposeString("ref", { description: "Ref of the step; `when` for the workflow's own condition." }),
      kind: t.exposeString("kind", { description: "Kind of the step, such as `email` or `delay`." }),
      outcome: t.expose("outcome", { type: enums.stepOutcome, description: "What became of it." }),
      code: t.string({ nullable: true, description: "Why, for programs: `PREFERENCES`.", resolve: ({ code }) => code }),
      reason: t.string({ nullable: true, description: "Why, for people.", resolve: ({ reason }) => reason }),
      values: t.field({
        type: "JSON",
        nullable: true,
        description: "The values that the decision read.",
        resolve: ({ values }) => values,
      }),
      at: t.field({ type: "DateTime", description: "When it was decided.", resolve: ({ at }) => new Date(at) }),
    }),
  });
}

const isChannel = (kind: string) => (channelKinds as readonly string[]).includes(kind);

/** Ids of the messages that a run can have made: each is a function of the run and the step. */
const messageIds = ({ id, trace }: RunRead): string[] => [
  ...new Set(trace.filter(({ kind }) => isChannel(kind)).map(({ ref }) => derivedId(id, ref))),
];

function addType({ builder, enums }: Kit): void {
  builder.objectType("Run", {
    description: "One execution of a workflow for one recipient.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "A function of notification and recipient." }),
      status: t.expose("status", { type: enums.runStatus, description: "Where it stands." }),
      notification: t.field({
        type: "Notification",
        description: "The notification that it belongs to.",
        resolve: ({ notificationId }) => ({ id: notificationId }),
      }),
      recipientId: t.exposeID("recipientId", { description: "Id of the recipient." }),
      recipient: t.field({
        type: "User",
        nullable: true,
        description: "The recipient, when it is a known user.",
        resolve: ({ recipientId }, _args, { load }) => load.user(recipientId),
      }),
      version: t.int({
        nullable: true,
        description: "Version of the workflow whose structure the run keeps.",
        resolve: ({ versionId }, _args, { load }) => load.version(versionId),
      }),
      list: t.string({
        nullable: true,
        description: "The list through which the recipient was reached; null when named in the call.",
        resolve: ({ state }) => state.list,
      }),
      steps: t.field({
        type: ["RunStep"],
        description: "Every decision so far, in order.",
        resolve: ({ trace }) => trace,
      }),
      messages: t.field({
        type: ["Message"],
        description: "The messages that the run made, in the order of its steps.",
        async resolve(run, _args, { load }) {
          const found = await Promise.all(messageIds(run).map((id) => load.message(id)));
          return found.filter((message) => message !== undefined);
        },
      }),
      nextStep: t.exposeString("step", {
        nullable: true,
        description: "Ref of the step to be executed next; null when the run is finished.",
      }),
      wakeAt: t.expose("wakeAt", { type: "DateTime", nullable: true, description: "When it goes on." }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When it began." }),
      finishedAt: t.expose("finishedAt", { type: "DateTime", nullable: true, description: "When it ended." }),
    }),
  });
}

/** Runs. */
export function addRuns(kit: Kit): void {
  addStep(kit);
  addType(kit);
  kit.builder.queryField("run", (t) =>
    t.field({
      type: "Run",
      nullable: true,
      description: "A run by id.",
      authScopes: { read: true },
      args: { id: t.arg.id({ required: true, description: "Id of the run." }) },
      resolve: async (_root, { id }, { load }) => (isId(id) ? load.run(id.toLowerCase()) : null),
    }),
  );
}
