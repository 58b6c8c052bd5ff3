import { derivedId, isId } from "../../../base/ids.ts";
import { channelKinds } from "../../../definition/steps/channel.ts";
import { pageFailedRuns, type RunRead } from "../../../store/reads/runs.ts";
import { connection } from "../connection.ts";
import { limits } from "../limits.ts";
import { atMost } from "../request-errors.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";

function addFailure({ builder }: Kit): void {
  builder.objectType("RunFailure", {
    description: "The failure that ended a run.",
    fields: (t) => ({
      step: t.exposeString("step", { description: "Ref of the step; `when` for the workflow's own condition." }),
      reason: t.exposeString("reason", { description: "What the last attempt ended with." }),
    }),
  });
}

function addRerun({ builder }: Kit): void {
  const rerun = builder.objectRef<{ ok: true; id: string }>("RerunRunSuccess").implement({
    description: "The run goes on at the step that failed.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "Id of the run." }),
      run: t.field({
        type: "Run",
        nullable: true,
        description: "The run.",
        authScopes: { read: true },
        resolve: ({ id }, _args, { load }) => load.run(id),
      }),
    }),
  });
  builder.mutationField("rerunRuns", (t) =>
    t.field({
      type: [resultOf(builder, rerun, ["NOT_FOUND", "RUN_NOT_FAILED"])],
      nullable: true,
      description: `Lets failed runs go on at the step that failed, in the version in which they began; what they did before is not done again. A result for each id, in order; at most ${limits.batch}.`,
      authScopes: { notify: true },
      args: { ids: t.arg.idList({ required: true, description: "Ids of runs." }) },
      resolve: (_root, { ids }, { engine }) => engine.rerun(atMost(limits.batch, ids, "ids")),
    }),
  );
}

function addFailedRuns({ builder, page, connections }: Kit): void {
  builder.queryField("failedRuns", (t) =>
    t.field({
      type: connections.runs,
      description: "Runs that failed, newest first. `rerunRuns` lets them go on.",
      authScopes: { read: true },
      args: { ...page, workflow: t.arg.string({ description: "Key of a workflow." }) },
      resolve: async (_root, { workflow, ...args }, { engine }) =>
        connection(await pageFailedRuns(engine.context.database.db, { workflow }, args), ({ id }) => id),
    }),
  );
}

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
      nextStep: t.string({
        nullable: true,
        description: "Ref of the step to be executed next; null when the run is finished.",
        resolve: ({ status, step }) => (status === "waiting" ? step : null),
      }),
      failure: t.field({
        type: "RunFailure",
        nullable: true,
        description: "What failed for good. Meanwhile the run may be on the way that `onFailure` describes.",
        resolve: ({ state }) => state.failure,
      }),
      wakeAt: t.expose("wakeAt", { type: "DateTime", nullable: true, description: "When it goes on." }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When it began." }),
      finishedAt: t.expose("finishedAt", { type: "DateTime", nullable: true, description: "When it ended." }),
    }),
  });
}

/** Runs. */
export function addRuns(kit: Kit): void {
  addFailure(kit);
  addFailedRuns(kit);
  addRerun(kit);
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
