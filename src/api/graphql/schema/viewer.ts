import { preferenceGrid, setOwnPreferences } from "../../../engine/directory/preference-grid.ts";
import type { PreferenceSet } from "../../../definition/preference-set.ts";
import type { Viewer } from "../../../engine/viewer/viewer.ts";
import type { Context } from "../context.ts";
import { needTenant } from "../feed-question.ts";
import { resultOf, tenantInInput } from "./errors.ts";
import { readPage } from "./feed.ts";
import type { Kit } from "./kit.ts";

/** The person who calls. Fields that use it are closed to everybody else. */
function viewerOf({ identity }: Context): Viewer {
  if (identity.viewer) return identity.viewer;
  throw new TypeError("a field of people was resolved without one");
}

const about = {
  name: "Full name.",
  avatar: "URL of a picture.",
  locale: "BCP 47, such as `de-CH`.",
  timezone: "IANA time zone, such as `Europe/Zurich`.",
} as const;

function addType({ builder, connections, page, feedFilter }: Kit): void {
  builder.objectType("Viewer", {
    description: "The person who calls: whoever the user token names, known to the project or not yet.",
    fields: (t) => ({
      id: t.id({ description: "The project's own id of the person.", resolve: ({ userId }) => userId }),
      feed: t.field({
        type: connections.feed,
        description: "The person's in-app messages, the newest arrivals first.",
        args: {
          ...page,
          filter: t.arg({ type: feedFilter, description: "Which items. Default: all that are not archived." }),
        },
        resolve: ({ userId }, args, context) => readPage(context, userId, args),
      }),
      preferences: t.field({
        type: "ViewerPreferences",
        description: "What the person wants to receive, as a settings page shows it.",
        args: { tenant: t.arg.id({ description: "For messages that belong to this tenant." }) },
        resolve({ userId }, { tenant }, { engine, identity }) {
          needTenant(identity, tenant);
          return preferenceGrid(engine.context, userId, tenant ?? null);
        },
      }),
    }),
  });
  for (const [name, description] of Object.entries(about)) {
    builder.objectField("Viewer", name, (t) =>
      t.string({
        nullable: true,
        description,
        resolve: async ({ userId }, _args, { load }) => (await load.user(userId))?.[name as keyof typeof about],
      }),
    );
  }
}

function addSwitches({ builder, enums }: Kit): void {
  builder.objectType("PreferenceSwitch", {
    description: "One switch of a settings page.",
    fields: (t) => ({
      channelType: t.expose("channelType", { type: enums.channelType, description: "The kind of channel." }),
      enabled: t.exposeBoolean("enabled", { description: "Its position: what is set here, on where nothing is." }),
      effective: t.exposeBoolean("effective", {
        description: "Whether messages come this way, everything taken together: a workflow on, its category off.",
      }),
      conditional: t.exposeBoolean("conditional", {
        description: "A condition decides from message to message. Leave it out of what you store.",
      }),
      changeable: t.exposeBoolean("changeable", {
        description: "Whether the person can change it: not what is required, nor what others have decided.",
      }),
      layer: t.expose("layer", {
        type: enums.preferenceLayer,
        nullable: true,
        description: "Whose set gives the position; null when nothing is set.",
      }),
    }),
  });
  builder.objectType("CommercialSwitch", {
    description: "Whether commercial workflows may write: `commercialSubscribed`, always stored without a tenant.",
    fields: (t) => ({
      enabled: t.exposeBoolean("enabled", { description: "Its position." }),
      conditional: t.exposeBoolean("conditional", { description: "A condition decides from message to message." }),
      changeable: t.exposeBoolean("changeable", { description: "Whether the person can change it." }),
      layer: t.expose("layer", {
        type: enums.preferenceLayer,
        nullable: true,
        description: "Whose set gives the position; null when nothing is set.",
      }),
    }),
  });
}

function addRows({ builder }: Kit): void {
  builder.objectType("WorkflowPreferences", {
    description: "A workflow, with a switch for each kind of channel that its steps use.",
    fields: (t) => ({
      key: t.exposeString("key", { description: "Its key, by which sets name it." }),
      name: t.exposeString("name", { description: "For people." }),
      description: t.exposeString("description", { nullable: true, description: "What it is for." }),
      categories: t.stringList({ description: "Its categories.", resolve: ({ categories }) => [...categories] }),
      required: t.exposeBoolean("required", { description: "Nobody can opt out." }),
      commercial: t.exposeBoolean("commercial", { description: "Needs the commercial subscription." }),
      switches: t.expose("switches", { type: ["PreferenceSwitch"], description: "By kind of channel." }),
    }),
  });
  builder.objectType("CategoryPreferences", {
    description: "A category, with a switch for each kind of channel that its workflows use.",
    fields: (t) => ({
      name: t.exposeString("name", { description: "Its name, by which sets name it." }),
      workflows: t.exposeStringList("workflows", { description: "Keys of its workflows." }),
      switches: t.expose("switches", { type: ["PreferenceSwitch"], description: "By kind of channel." }),
    }),
  });
  builder.objectType("ViewerPreferences", {
    description: "What a person wants to receive: the rows and switches of a settings page.",
    fields: (t) => ({
      tenantId: t.exposeID("tenantId", { nullable: true, description: "The tenant for whose messages this holds." }),
      preferences: t.expose("preferences", { type: "JSON", description: "The sets merged: what counts." }),
      workflows: t.expose("workflows", {
        type: ["WorkflowPreferences"],
        description: "By name. Workflows that make no messages are left out.",
      }),
      categories: t.expose("categories", { type: ["CategoryPreferences"], description: "By name." }),
      channelTypes: t.expose("channelTypes", {
        type: ["PreferenceSwitch"],
        description: "For everything: a switch for each kind of channel that workflows use.",
      }),
      commercial: t.expose("commercial", {
        type: "CommercialSwitch",
        nullable: true,
        description: "The commercial subscription; null when no workflow is commercial.",
      }),
    }),
  });
}

function addMutation({ builder, enums }: Kit): void {
  const input = builder.inputType("MyPreferencesInput", {
    description: "What the person who calls wants to receive.",
    fields: (t) => ({
      tenant: t.id({ description: "For messages that belong to this tenant." }),
      mode: t.field({ type: enums.preferencesMode, description: "What happens to the stored set. Default: REPLACE." }),
      preferences: t.field({
        type: "JSON",
        required: true,
        description:
          "`{ workflows, categories, channelTypes, channels, commercialSubscribed }`. To turn one switch, MERGE its whole row.",
      }),
    }),
  });
  const stored = builder
    .objectRef<{ ok: true; preferences: PreferenceSet; tenantId: string | null }>("SetMyPreferencesSuccess")
    .implement({
      description: "The preference set is stored.",
      fields: (t) => ({
        preferences: t.field({
          type: "ViewerPreferences",
          description: "What the settings page shows now.",
          resolve: ({ tenantId }, _args, context) =>
            preferenceGrid(context.engine.context, viewerOf(context).userId, tenantId),
        }),
      }),
    });
  builder.mutationField("setMyPreferences", (t) =>
    t.field({
      type: resultOf(builder, stored, ["INVALID_INPUT"]),
      nullable: true,
      description: "Stores what the person who calls wants to receive.",
      authScopes: { viewer: true },
      args: { input: t.arg({ type: input, required: true, description: "The set." }) },
      async resolve(_root, { input: { tenant, mode, preferences } }, context) {
        needTenant(context.identity, tenant);
        const tenantId = tenant ?? null;
        const { userId } = viewerOf(context);
        const change = { mode: mode ?? ("REPLACE" as const), preferences };
        const outcome = await setOwnPreferences(context.engine.context, { userId, tenantId }, change);
        return outcome.ok ? { ...outcome, tenantId } : tenantInInput(outcome);
      },
    }),
  );
}

/** The person who calls. The types that are reached from here hold nothing of others but names and pictures of actors. */
export function addViewer(kit: Kit): void {
  addType(kit);
  addSwitches(kit);
  addRows(kit);
  addMutation(kit);
  kit.builder.queryField("viewer", (t) =>
    t.field({
      type: "Viewer",
      description: "The person who calls, with a public key and a user token.",
      authScopes: { viewer: true },
      resolve: (_root, _args, context) => viewerOf(context),
    }),
  );
}
