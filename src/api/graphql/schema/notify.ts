import type { Accepted, NotifyCall, NotifyOutcome, UserInput } from "../../../engine/notify-call.ts";
import { atMost } from "../request-errors.ts";
import { limits } from "../limits.ts";
import { present } from "../present.ts";
import type { WorkflowInput } from "../zod-input/workflow-inputs.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";
import { type addUserInput, toUserInput } from "./user.ts";
import { chosenWorkflow, type WorkflowChoice } from "./workflow-choice.ts";

type UserInputRef = ReturnType<typeof addUserInput>;
type FieldBuilder = Parameters<Parameters<Kit["builder"]["inputType"]>[1]["fields"]>[0];

/** What every call may bring beside the workflow and its data. */
const callFields = (t: FieldBuilder, user: UserInputRef) => ({
  recipients: t.idList({ description: "Ids of users. Each person gets one run, however many ways they are named." }),
  lists: t.stringList({ description: "Names of lists whose members are recipients. The actor is left out." }),
  actor: t.id({ description: "Id of the user who did the thing." }),
  tenant: t.id({ description: "Id of the tenant that the notification belongs to." }),
  identify: t.field({ type: [user], description: "Users to create or to change first." }),
  idempotencyKey: t.string({
    description: "1 to 255 characters. After a success every later call with the same key fails and does nothing.",
  }),
  cancellationKey: t.string({ description: "For cancelNotifications." }),
});

interface CallInput {
  recipients?: readonly string[] | null | undefined;
  identify?: readonly object[] | null | undefined;
}

/** The part of a call that is the same for typed and dynamic ones. Nulls mean "not given". */
function toCall(input: CallInput): Omit<NotifyCall, "workflow"> {
  const { workflow: _workflow, identify, ...rest } = input as CallInput & { workflow?: unknown };
  const users: UserInput[] = (identify ?? []).map(toUserInput);
  return { ...present(rest, Object.keys(rest)), ...(users.length > 0 && { identify: users }) };
}

/** Why a call is refused. */
export const NOT_NOTIFIED = [
  "RECIPIENTS_REQUIRED",
  "INVALID_DATA",
  "INVALID_INPUT",
  "DUPLICATE_NOTIFICATION",
  "WORKFLOW_INACTIVE",
  "UNKNOWN_WORKFLOW",
  "UNKNOWN_ACTOR",
] as const;

function addResult({ builder }: Kit) {
  const success = builder.objectRef<Accepted>("NotifySuccess").implement({
    description: "The notification is stored and cannot be lost.",
    fields: (t) => ({
      notification: t.field({
        type: "Notification",
        description: "The notification.",
        resolve: ({ notification }) => ({ id: notification.id, accepted: notification }),
      }),
      warnings: t.expose("warnings", {
        type: ["Warning"],
        description: "What the caller should know although the call succeeded.",
      }),
    }),
  });
  return resultOf<Accepted>(builder, success, NOT_NOTIFIED);
}

type ResultRef = ReturnType<typeof addResult>;

const MANY = `At most ${limits.batch} calls; each stands alone.`;

const batch = <Call>(calls: readonly Call[]): readonly Call[] => atMost(limits.batch, calls, "inputs");

/** Reads a typed call. */
function typedCalls(inputs: readonly WorkflowInput[]): (given: CallInput & { workflow: object }) => NotifyCall {
  const chosen = chosenWorkflow(inputs);
  return (given) => ({ ...toCall(given), ...chosen(given.workflow) });
}

interface Typed {
  user: UserInputRef;
  result: ResultRef;
  inputs: readonly WorkflowInput[];
  choice: WorkflowChoice;
}

function addTyped(kit: Kit, { user, result, inputs, choice }: Typed) {
  const input = kit.builder.inputType("NotifyInput", {
    description: "A call of notify.",
    fields: (t) => ({
      workflow: t.field({ type: choice, required: true, description: "Which workflow, with its data." }),
      ...callFields(t, user),
    }),
  });
  const callOf = typedCalls(inputs);
  kit.builder.mutationFields((t) => ({
    notify: t.field({
      type: result,
      nullable: true,
      description:
        "Notifies people through a workflow. Answers when the notification is stored, before it is executed.",
      authScopes: { notify: true },
      args: { input: t.arg({ type: input, required: true, description: "The call." }) },
      resolve: (_root, args, { engine }): Promise<NotifyOutcome> => engine.notify(callOf(args.input)),
    }),
    notifyMany: t.field({
      type: [result],
      nullable: true,
      description: `Several calls of notify, a result for each in order. ${MANY}`,
      authScopes: { notify: true },
      args: { inputs: t.arg({ type: [input], required: true, description: "The calls." }) },
      resolve: (_root, args, { engine }) => engine.notifyMany(batch(args.inputs).map(callOf)),
    }),
  }));
  return { input, callOf };
}

function addDynamic({ builder }: Kit, { user, result }: { user: UserInputRef; result: ResultRef }) {
  const input = builder.inputType("NotifyDynamicInput", {
    description: "A call of notify whose workflow is chosen at run time.",
    fields: (t) => ({
      workflow: t.string({ required: true, description: "Key of the workflow." }),
      data: t.field({ type: "JSON", description: "Data of the workflow, checked by its schema." }),
      ...callFields(t, user),
    }),
  });
  const callOf = ({ workflow, data, ...rest }: CallInput & { workflow: string; data?: unknown }): NotifyCall => ({
    ...toCall(rest),
    workflow,
    data: data ?? {},
  });
  builder.mutationFields((t) => ({
    notifyDynamic: t.field({
      type: result,
      nullable: true,
      description: "As notify, for callers that know the workflow only at run time, such as gateways.",
      authScopes: { notify: true },
      args: { input: t.arg({ type: input, required: true, description: "The call." }) },
      resolve: (_root, args, { engine }): Promise<NotifyOutcome> => engine.notify(callOf(args.input)),
    }),
    notifyManyDynamic: t.field({
      type: [result],
      nullable: true,
      description: `Several calls of notifyDynamic, a result for each in order. ${MANY}`,
      authScopes: { notify: true },
      args: { inputs: t.arg({ type: [input], required: true, description: "The calls." }) },
      resolve: (_root, args, { engine }) => engine.notifyMany(batch(args.inputs).map(callOf)),
    }),
  }));
  return { input, callOf };
}

function addCancel({ builder }: Kit): void {
  const cancelled = builder
    .objectRef<{ ok: true; notifications: string[]; runs: number }>("CancelNotificationsSuccess")
    .implement({
      description: "Every unfinished run of the key is ended; nothing later is affected.",
      fields: (t) => ({
        notifications: t.field({
          type: ["Notification"],
          description: "The notifications that were touched.",
          resolve: ({ notifications }) => notifications.map((id) => ({ id })),
        }),
        runs: t.exposeInt("runs", { description: "How many runs were ended." }),
      }),
    });
  builder.mutationField("cancelNotifications", (t) =>
    t.field({
      type: resultOf(builder, cancelled, ["INVALID_INPUT"]),
      nullable: true,
      description: "Ends the unfinished runs of a cancellation key.",
      authScopes: { notify: true },
      args: {
        cancellationKey: t.arg.string({ required: true, description: "As the calls of notify gave it." }),
        recipients: t.arg.idList({ description: "Only for these users. Default: for all." }),
      },
      resolve: async (_root, { cancellationKey, recipients }, { engine }) => ({
        ok: true as const,
        ...(await engine.cancel(cancellationKey, recipients ?? undefined)),
      }),
    }),
  );
}

/**
 * The calls that send and cancel notifications. Without workflows there is no typed `notify`. Answers the types of a
 * call, and how one is read, for what else takes one.
 */
export function addNotify(
  kit: Kit,
  user: UserInputRef,
  { inputs, choice }: { inputs: readonly WorkflowInput[]; choice: WorkflowChoice | null },
) {
  const result = addResult(kit);
  const typed = choice && addTyped(kit, { user, result, inputs, choice });
  const dynamic = addDynamic(kit, { user, result });
  addCancel(kit);
  return { typed, dynamic };
}

/** The types of a call. */
export type NotifyInputs = ReturnType<typeof addNotify>;
