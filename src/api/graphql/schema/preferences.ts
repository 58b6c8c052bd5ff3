import { KnockError } from "../../../base/errors.ts";
import type { JsonObject } from "../../../base/canonical-json.ts";
import { explainPreferences, setPreferences, userPreferences } from "../../../engine/directory/preferences.ts";
import { requestError } from "../request-errors.ts";
import type { PreferenceSet } from "../../../definition/preference-set.ts";
import type { PreferenceSetKey } from "../../../store/preference-sets.ts";
import { resultOf, tenantInInput } from "./errors.ts";
import type { Kit } from "./kit.ts";

function addVerdict({ builder, enums }: Kit): void {
  builder.objectType("PreferenceVerdict", {
    description: "Whether preferences let one step of a workflow make its message, and what decided.",
    fields: (t) => ({
      step: t.exposeString("step", { description: "Ref of the step." }),
      channel: t.exposeString("channel", {
        nullable: true,
        description: "Key of the channel; null when none is configured.",
      }),
      channelType: t.expose("channelType", { type: enums.channelType, description: "Kind of the channel." }),
      allowed: t.exposeBoolean("allowed", { description: "Whether the message may be made." }),
      reason: t.exposeString("reason", { description: "Why, for people." }),
      layer: t.expose("layer", {
        type: enums.preferenceLayer,
        nullable: true,
        description: "Whose set decided; null when none says anything.",
      }),
      entry: t.exposeString("entry", {
        nullable: true,
        description: "Where in that set: `categories.comments.channelTypes.email`.",
      }),
    }),
  });
}

function addTypes({ builder, enums }: Kit): void {
  builder.objectType("AppliedPreferenceSet", {
    description: "A preference set that takes part.",
    fields: (t) => ({
      layer: t.expose("layer", { type: enums.preferenceLayer, description: "Whose set it is." }),
      preferences: t.expose("preferences", { type: "JSON", description: "The set as it is stored." }),
    }),
  });
  builder.objectType("UserPreferences", {
    description: "What holds for a user, and why.",
    fields: (t) => ({
      userId: t.exposeID("userId", { description: "Id of the user." }),
      tenantId: t.exposeID("tenantId", { nullable: true, description: "The tenant for whose messages this holds." }),
      preferences: t.expose("preferences", { type: "JSON", description: "The sets merged: what counts." }),
      sets: t.expose("sets", {
        type: ["AppliedPreferenceSet"],
        description: "The sets that take part, from the highest to the lowest.",
      }),
      explain: t.field({
        type: ["PreferenceVerdict"],
        description: "What they mean for a workflow: a verdict for each of its channel steps.",
        args: {
          workflow: t.arg.string({ required: true, description: "Key of the workflow." }),
          data: t.arg({ type: "JSON", description: "Data of the workflow, for conditions in preferences." }),
        },
        async resolve(preferences, { workflow, data }, { engine }) {
          const outcome = await explainPreferences(engine.context, preferences, {
            workflow,
            data: data as JsonObject | null | undefined,
          });
          if (!outcome.ok) throw requestError(outcome.error);
          return outcome.verdicts;
        },
      }),
    }),
  });
}

interface Owner {
  userId?: string | null | undefined;
  tenant?: string | null | undefined;
}

function keyOf({ userId, tenant }: Owner): PreferenceSetKey | KnockError {
  if (userId !== null && userId !== undefined) return { userId, tenantId: tenant ?? null };
  if (tenant !== null && tenant !== undefined) return { tenantId: tenant };
  const issues = [
    {
      path: ["userId"],
      message: "Name a user, a tenant, or both for the user's set at that tenant.",
      code: "required",
    },
  ];
  return new KnockError("INVALID_INPUT", { issues, subject: "The preference set" });
}

function addMutation({ builder, enums }: Kit): void {
  const input = builder.inputType("PreferencesInput", {
    description: "A preference set to store.",
    fields: (t) => ({
      userId: t.id({ description: "Whose set. Leave it out for a tenant's default." }),
      tenant: t.id({ description: "With `userId`: the user's set for this tenant. Alone: the tenant's default." }),
      mode: t.field({ type: enums.preferencesMode, description: "What happens to the stored set. Default: REPLACE." }),
      preferences: t.field({
        type: "JSON",
        required: true,
        description:
          "`{ workflows, categories, channelTypes, channels, commercialSubscribed }`; what it does not mention is on.",
      }),
    }),
  });
  const stored = builder.objectRef<{ ok: true; preferences: PreferenceSet }>("SetPreferencesSuccess").implement({
    description: "The preference set is stored.",
    fields: (t) => ({ preferences: t.expose("preferences", { type: "JSON", description: "The set as it is now." }) }),
  });
  builder.mutationField("setPreferences", (t) =>
    t.field({
      type: resultOf(builder, stored, ["INVALID_INPUT"]),
      nullable: true,
      description: "Stores what a user or a tenant wants to receive.",
      authScopes: { write: true },
      args: { input: t.arg({ type: input, required: true, description: "The set." }) },
      async resolve(_root, args, { engine }) {
        const of = keyOf(args.input);
        if (of instanceof KnockError) return { ok: false as const, error: of };
        const { mode: how, preferences } = args.input;
        const outcome = await setPreferences(engine.context, { of, mode: how ?? "REPLACE", preferences });
        return outcome.ok ? outcome : tenantInInput(outcome);
      },
    }),
  );
}

/** Preferences of users and tenants. */
export function addPreferences(kit: Kit): void {
  addVerdict(kit);
  addTypes(kit);
  addMutation(kit);
  kit.builder.queryField("userPreferences", (t) =>
    t.field({
      type: "UserPreferences",
      description: "The preferences that hold for a user. Without any, everything is on.",
      authScopes: { read: true },
      args: {
        userId: t.arg.id({ required: true, description: "Id of the user." }),
        tenant: t.arg.id({ description: "For messages that belong to this tenant." }),
      },
      resolve: (_root, { userId, tenant }, { engine }) => userPreferences(engine.context, userId, tenant ?? null),
    }),
  );
}
