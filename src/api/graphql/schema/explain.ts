// Why somebody did or did not get something.
import { type Explained, explain, MOST_EXPLANATIONS } from "../../../engine/explain/explain.ts";
import type {
  ExplainedMembership,
  ExplainedReach,
  Explanation,
  ReachCode,
} from "../../../engine/explain/explanation.ts";
import { explanationText } from "../../../engine/explain/text.ts";
import { resultOf } from "./errors.ts";
import { addAppliedPreference, addExplainedStep } from "./explain-step.ts";
import type { Kit } from "./kit.ts";

const codes: Record<ReachCode, string> = {
  NAMED: "The call names the person.",
  LIST: "The person was in a list that the call names.",
  NOT_ADDRESSED: "The call names neither the person nor a list in which the person was.",
  ACTOR: "The person is the actor, who is left out of lists.",
  JOINED_LATER: "The person joined the list after the call.",
  LEFT_BEFORE: "The person left the list before the call.",
  LEFT_MEANWHILE: "The person left the list before its members were taken.",
  NOT_YET: "The recipients are still being taken.",
  CANCELLED: "The notification was cancelled before the run began.",
  RUN_GONE: "The run is no longer kept.",
};

function addReach({ builder }: Kit) {
  const code = builder.enumType("ReachCode", {
    description: "How somebody was reached, or why not.",
    values: Object.fromEntries(
      Object.entries(codes).map(([name, description]) => [name, { value: name as ReachCode, description }]),
    ),
  });
  const membership = builder.objectRef<ExplainedMembership>("ExplainedMembership").implement({
    description: "Somebody's time in a list.",
    fields: (t) => ({
      list: t.exposeString("list", { description: "Name of the list." }),
      asked: t.exposeBoolean("asked", { description: "The call names the list." }),
      joinedAt: t.expose("joinedAt", { type: "DateTime", description: "When it began." }),
      leftAt: t.expose("leftAt", {
        type: "DateTime",
        nullable: true,
        description: "When it ended; null for somebody who is in the list.",
      }),
      properties: t.expose("properties", {
        type: "JSON",
        nullable: true,
        description: "Of a membership that has not ended, as they are now.",
      }),
    }),
  });
  return builder.objectRef<ExplainedReach>("ExplainedReach").implement({
    description: "How somebody was reached, or why not.",
    fields: (t) => ({
      recipient: t.exposeBoolean("recipient", { description: "There is a run for the person." }),
      code: t.expose("code", { type: code, description: "How, or why not, for programs." }),
      reason: t.exposeString("reason", { description: "How, or why not, for people." }),
      list: t.exposeString("list", {
        nullable: true,
        description: "The list through which the person was reached; null when named, or not reached.",
      }),
      membership: t.expose("membership", {
        type: "JSON",
        nullable: true,
        description: "Properties of that membership, as the run read them.",
      }),
      memberships: t.expose("memberships", {
        type: [membership],
        description: "The lists in which the person is and was, at most 100 each; those that the call names first.",
      }),
    }),
  });
}

function addType(kit: Kit) {
  const { builder } = kit;
  const preference = addAppliedPreference(kit);
  builder.objectField("RunStep", "preferences", (t) =>
    t.field({
      type: [preference],
      description: "Every preference that applied to a channel step, the one that decided first.",
      resolve: ({ preferences }) => preferences ?? [],
    }),
  );
  const reach = addReach(kit);
  const step = addExplainedStep(kit, preference);
  return builder.objectRef<Explanation>("Explanation").implement({
    description: "What became of one notification for one person, and why.",
    fields: (t) => ({
      userId: t.exposeID("userId", { description: "Id of the person." }),
      notification: t.field({
        type: "Notification",
        description: "The notification.",
        resolve: ({ notification: { id } }) => ({ id }),
      }),
      version: t.int({
        nullable: true,
        description: "Version of the workflow whose structure counts.",
        resolve: ({ notification }) => notification.version,
      }),
      reach: t.expose("reach", { type: reach, description: "How the person was reached, or why not." }),
      run: t.field({
        type: "Run",
        nullable: true,
        description: "The run; null for somebody who was not reached.",
        resolve: ({ run }, _args, { load }) => run && load.run(run.id),
      }),
      steps: t.expose("steps", {
        type: [step],
        description: "Every step of the workflow, in the order in which it is written; empty without a run.",
      }),
      text: t.string({
        description: "All of it in plain words, a line for each thing to know.",
        resolve: (explanation) => explanationText(explanation).join("\n"),
      }),
    }),
  });
}

/** `explain`. */
export function addExplain(kit: Kit): void {
  const { builder } = kit;
  const explanation = addType(kit);
  const success = builder.objectRef<{ ok: true } & Explained>("ExplainSuccess").implement({
    description: "What was found out.",
    fields: (t) => ({
      explanations: t.expose("explanations", {
        type: [explanation],
        description: `The newest notification first, at most ${MOST_EXPLANATIONS}. Of a workflow those that have to do with the person, or else the newest ones.`,
      }),
      more: t.exposeBoolean("more", { description: "There are more than are told: ask for a shorter time." }),
      reason: t.exposeString("reason", { nullable: true, description: "Why there is no explanation." }),
    }),
  });
  builder.queryField("explain", (t) =>
    t.field({
      type: resultOf(builder, success, ["INVALID_INPUT", "NOT_FOUND", "UNKNOWN_WORKFLOW"]),
      nullable: true,
      description:
        "Why somebody did or did not get something: name a notification, or a workflow and a time. What was recorded counts; nothing is decided anew.",
      authScopes: { read: true },
      args: {
        userId: t.arg.id({ required: true, description: "Id of the person, who need not be a recipient." }),
        notificationId: t.arg.id({ description: "Id of the notification." }),
        workflow: t.arg.string({ description: "Key of a workflow, for all of its notifications in a time." }),
        from: t.arg({ type: "DateTime", description: "The time begins here. Default: the first notification." }),
        until: t.arg({ type: "DateTime", description: "The time ends here. Default: now." }),
      },
      resolve: (_root, question, { engine }) => explain(engine.context, question),
    }),
  );
}
