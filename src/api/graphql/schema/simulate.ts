import type { NotifyCall } from "../../../engine/notify-call.ts";
import type { Course, CourseMessage, Simulation, SimulateOptions } from "../../../engine/simulate/contract.ts";
import type { Context } from "../context.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";
import { NOT_NOTIFIED, type NotifyInputs } from "./notify.ts";

function addMessage({ builder, enums }: Kit) {
  return builder.objectRef<CourseMessage>("SimulatedMessage").implement({
    description: "A message that would be made.",
    fields: (t) => ({
      step: t.exposeString("step", { description: "Ref of the step." }),
      channel: t.exposeString("channel", { description: "Key of the channel." }),
      channelType: t.expose("channelType", { type: enums.channelType, description: "Kind of the channel." }),
      to: t.expose("to", { type: "JSON", description: "Where it goes; empty for the feed." }),
      content: t.expose("content", { type: "JSON", description: "As it would be rendered." }),
      status: t.expose("status", { type: enums.messageStatus, description: "How far it comes." }),
      at: t.expose("at", { type: "DateTime", description: "When it is made." }),
      scheduledAt: t.expose("scheduledAt", {
        type: "DateTime",
        nullable: true,
        description: "When its send window opens; null for a message that need not wait.",
      }),
      sentAt: t.expose("sentAt", {
        type: "DateTime",
        nullable: true,
        description: "When it goes out, or stands in the feed; null when it does not.",
      }),
    }),
  });
}

function addRun(kit: Kit) {
  const { builder, enums } = kit;
  const message = addMessage(kit);
  return builder.objectRef<Course>("SimulatedRun").implement({
    description: "What one run would do.",
    fields: (t) => ({
      workflow: t.exposeString("workflow", { description: "Key of the workflow." }),
      recipientId: t.exposeID("recipientId", { description: "Id of the recipient." }),
      via: t.exposeStringList("via", {
        description: "The workflows whose notify steps lead here, the first one first; empty for the call itself.",
      }),
      list: t.exposeString("list", {
        nullable: true,
        description: "The list through which the recipient is reached; null when named.",
      }),
      existing: t.exposeBoolean("existing", {
        description: "It waits in reality already, for a batch that a simulated run joins.",
      }),
      status: t.expose("status", { type: enums.runStatus, description: "How it ends." }),
      wakeAt: t.expose("wakeAt", {
        type: "DateTime",
        nullable: true,
        description: "When it would go on, for one that still waits at the end.",
      }),
      failure: t.expose("failure", { type: "RunFailure", nullable: true, description: "What fails for good." }),
      steps: t.field({
        type: ["RunStep"],
        description: "Every decision in the order of time, a wait and what comes after it as two.",
        resolve: ({ steps }) => steps.map((step) => ({ ...step, at: step.at.toISOString() })),
      }),
      messages: t.expose("messages", { type: [message], description: "The messages that it would make." }),
    }),
  });
}

function addSimulation(kit: Kit) {
  const { builder } = kit;
  const run = addRun(kit);
  return builder.objectRef<Simulation>("Simulation").implement({
    description: "What a call of notify would lead to. Nothing of it has happened.",
    fields: (t) => ({
      at: t.expose("at", { type: "DateTime", description: "When the call is made." }),
      workflow: t.exposeString("workflow", { description: "Key of the workflow." }),
      total: t.exposeInt("total", { description: "People that the call reaches." }),
      simulated: t.exposeInt("simulated", { description: "Those of them that were gone through." }),
      warnings: t.expose("warnings", { type: ["Warning"], description: "As notify would give them." }),
      runs: t.field({
        type: [run],
        description: "Those of the call first, then those that its steps start.",
        resolve: ({ courses }) => courses,
      }),
      assumed: t.exposeStringList("assumed", { description: "What was taken for granted of the world outside." }),
      omitted: t.exposeStringList("omitted", { description: "What was left out because it was too much." }),
      text: t.exposeString("text", { description: "All of it for people to read." }),
    }),
  });
}

interface Given {
  at?: Date | null | undefined;
  first?: number | null | undefined;
  assume?: unknown;
}

const optionsOf = ({ at, first, assume }: Given): SimulateOptions => ({
  ...(at && { at }),
  ...(first !== null && first !== undefined && { first }),
  // Whatever it is, the engine checks it.
  ...(assume !== null && assume !== undefined && { assume: assume as NonNullable<SimulateOptions["assume"]> }),
});

const ABOUT =
  "What a call of notify would lead to, over the whole course of its runs: delays, batches, windows and waits included. On people, lists, preferences, open batches and throttles as they are now. Nothing is stored, sent or called.";

/** What a call would lead to. */
export function addSimulate(kit: Kit, { typed, dynamic }: NotifyInputs): void {
  const { builder } = kit;
  const simulation = addSimulation(kit);
  const success = builder.objectRef<{ ok: true; simulation: Simulation }>("SimulateSuccess").implement({
    description: "The call would be accepted.",
    fields: (t) => ({
      simulation: t.expose("simulation", { type: simulation, description: "What it would lead to." }),
    }),
  });
  const type = resultOf(builder, success, NOT_NOTIFIED);
  const simulated = (call: NotifyCall, given: Given, { engine }: Context) => engine.simulate(call, optionsOf(given));
  builder.queryFields((t) => {
    const options = {
      at: t.arg({ type: "DateTime", description: "When the call is made. Default: now." }),
      first: t.arg.int({ description: "People that are gone through, at most 1,000. Default: 100." }),
      assume: t.arg({
        type: "JSON",
        description:
          "What is taken for granted of the world outside: `fetch` (answers by ref: status, data), `events` (a list of name, match, data, after), `messages` (what becomes of them, by ref).",
      }),
    };
    const about = "As simulate, for callers that know the workflow only at run time.";
    const scopes = { authScopes: { read: true }, nullable: true } as const;
    return {
      ...(typed && {
        simulate: t.field({
          type,
          ...scopes,
          description: ABOUT,
          args: { ...options, input: t.arg({ type: typed.input, required: true, description: "The call." }) },
          resolve: (_root, { input, ...given }, context) => simulated(typed.callOf(input), given, context),
        }),
      }),
      simulateDynamic: t.field({
        type,
        ...scopes,
        description: about,
        args: { ...options, input: t.arg({ type: dynamic.input, required: true, description: "The call." }) },
        resolve: (_root, { input, ...given }, context) => simulated(dynamic.callOf(input), given, context),
      }),
    };
  });
}
