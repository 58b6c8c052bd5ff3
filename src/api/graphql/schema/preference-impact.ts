import {
  preferenceImpact,
  type Affected,
  type ChannelImpact,
  type PreferenceImpact,
} from "../../../engine/directory/preference-impact.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";

function addTypes({ builder, enums }: Kit) {
  const affected = builder.objectRef<Affected>("AffectedUsers").implement({
    description: "Some people, and the first of them.",
    fields: (t) => ({
      users: t.exposeInt("users", { description: "How many." }),
      examples: t.exposeIDList("examples", { description: "Ids of the first of them, at most 10." }),
    }),
  });
  const channel = builder.objectRef<ChannelImpact>("ChannelPreferenceImpact").implement({
    description: "What changes for one channel of one workflow.",
    fields: (t) => ({
      workflow: t.exposeString("workflow", { description: "Key of the workflow." }),
      channel: t.exposeString("channel", { nullable: true, description: "Key of the channel; null without any." }),
      channelType: t.expose("channelType", { type: enums.channelType, description: "Kind of the channel." }),
      stop: t.expose("stop", { type: affected, description: "They get it and would not any more." }),
      start: t.expose("start", { type: affected, description: "They do not get it and would." }),
      depends: t.expose("depends", {
        type: affected,
        description: "It changes for them, and conditions decide: on the data of a call, or on who the person is.",
      }),
    }),
  });
  return builder.objectRef<{ ok: true; impact: PreferenceImpact }>("PreferenceImpact").implement({
    description: "What a change of the environment's default preferences would mean.",
    fields: (t) => ({
      users: t.int({ description: "People that were looked at: all.", resolve: ({ impact }) => impact.users }),
      stopping: t.int({ description: "For whom anything stops.", resolve: ({ impact }) => impact.stopping }),
      starting: t.int({ description: "For whom anything starts.", resolve: ({ impact }) => impact.starting }),
      workflows: t.int({
        description: "Workflows of which somebody would stop or start getting anything.",
        resolve: ({ impact }) => impact.workflows,
      }),
      warnings: t.stringList({
        description: "Names in the change that mean nothing here, each in a sentence.",
        resolve: ({ impact }) => impact.warnings,
      }),
      channels: t.field({
        type: [channel],
        description: "What changes, by workflow and channel.",
        resolve: ({ impact }) => impact.channels,
      }),
    }),
  });
}

/** The dry run of a change of the default preferences. */
export function addPreferenceImpact(kit: Kit): void {
  const { builder, enums } = kit;
  const impact = addTypes(kit);
  builder.queryField("preferenceImpact", (t) =>
    t.field({
      type: resultOf(builder, impact, ["INVALID_INPUT"]),
      nullable: true,
      description:
        "Who would stop or start getting which workflows if the environment's default preferences changed. Reads the preferences of every user; changes nothing.",
      authScopes: { read: true },
      args: {
        preferences: t.arg({ type: "JSON", required: true, description: "Entries of the default set." }),
        mode: t.arg({
          type: enums.preferencesMode,
          description: "Whether they are laid over the present default or take its place. Default: MERGE.",
        }),
        tenant: t.arg.id({ description: "For messages of this tenant. Default: for messages that belong to none." }),
      },
      async resolve(_root, { preferences, mode, tenant }, { engine }) {
        return preferenceImpact(engine.context, {
          preferences,
          tenantId: tenant ?? null,
          ...(mode && { mode }),
        });
      },
    }),
  );
}
