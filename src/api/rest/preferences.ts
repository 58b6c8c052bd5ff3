// Preferences of people and objects. Every answer is the set as it counts: merged with the defaults below it.
import { z } from "zod";
import type { PreferenceSet } from "../../definition/preference-set.ts";
import { allPreferences, setManyPreferences, setPreferencePart } from "../../engine/directory/many-preferences.ts";
import { userPreferences } from "../../engine/directory/preferences.ts";
import { reachesTenant } from "../../engine/viewer/viewer.ts";
import { deletePreferenceSet } from "../../store/preference-sets.ts";
import { succeeded } from "./errors.ts";
import { type Owner, owners, tenantRefused } from "./owners.ts";
import {
  changeFromWire,
  channelTypesFromWire,
  entriesFromWire,
  entryFromWire,
  presentPreferences,
} from "./preferences-wire.ts";
import { switchFromWire } from "./preferences-wire.ts";
import { type RestContext, route } from "./route.ts";
import {
  channelTypesRequest,
  entriesRequest,
  entryRequest,
  preferenceSetRequest,
  preferenceSetShape,
  switchRequest,
} from "./shapes/preference-set.ts";

interface SetPlace {
  recipientId: string;
  /** As the path says it. */
  setId: string;
  tenantId: string | null;
}

const tenantOf = (setId: string) => (setId === "default" ? null : setId);

/** The set of a path. Refuses a person to whom its tenant was not granted. */
function placeOf({ recipientIdOf }: Owner, params: Record<string, string>, { identity }: RestContext): SetPlace {
  const setId = params["preference_set_id"]!;
  const tenantId = tenantOf(setId);
  if (!reachesTenant(identity.viewer, tenantId)) throw tenantRefused();
  return { recipientId: recipientIdOf(params), setId, tenantId };
}

/** The set as it counts for messages of the tenant. */
async function answer(context: RestContext, { recipientId, setId }: SetPlace, tenantId: string | null) {
  const { preferences } = await userPreferences(context.engine.context, recipientId, tenantId);
  return { status: 200, body: presentPreferences(context, setId, preferences) };
}

const responses = { 200: preferenceSetShape };

/** A whole set. */
function setRoutes(owner: Owner) {
  const { group, path, params: ownerParams, viewer, recipientIdOf } = owner;
  const params = ownerParams.extend({ preference_set_id: z.string() });
  const place = `${path}/preferences/:preference_set_id`;
  return [
    route({
      method: "GET",
      path: `${path}/preferences`,
      operation: `${group}.listPreferences`,
      summary: "All preference sets of the recipient, as they count.",
      scope: "read",
      ...viewer,
      params: ownerParams,
      responses: { 200: z.array(preferenceSetShape) },
      async handle(input, context) {
        const sets = await allPreferences(
          context.engine.context,
          recipientIdOf(input.params as Record<string, string>),
        );
        const reached = sets.filter(({ setId }) => reachesTenant(context.identity.viewer, tenantOf(setId)));
        return {
          status: 200,
          body: reached.map(({ setId, preferences }) => presentPreferences(context, setId, preferences)),
        };
      },
    }),
    route({
      method: "GET",
      path: place,
      operation: `${group}.getPreferences`,
      summary: "A preference set as it counts: merged with the defaults of the tenant and the environment.",
      scope: "read",
      ...viewer,
      params,
      query: z.object({ tenant: z.string().optional() }),
      responses,
      async handle(input, context) {
        const found = placeOf(owner, input.params as Record<string, string>, context);
        const tenantId = found.tenantId ?? input.query.tenant ?? null;
        if (!reachesTenant(context.identity.viewer, tenantId)) throw tenantRefused();
        return answer(context, found, tenantId);
      },
    }),
    route({
      method: "PUT",
      path: place,
      operation: `${group}.setPreferences`,
      summary: "Puts a preference set in the place of what is stored; with `__persistence_strategy__: merge` over it.",
      scope: "write",
      ...viewer,
      params,
      body: preferenceSetRequest,
      example: { channel_types: { email: true }, workflows: { "new-comment": { channel_types: { email: false } } } },
      responses,
      async handle(input, context) {
        const found = placeOf(owner, input.params as Record<string, string>, context);
        const change = changeFromWire(context, input.body, { path: [], mode: "REPLACE" });
        succeeded(await setManyPreferences(context.engine.context, [{ ...found, ...change }]));
        return answer(context, found, found.tenantId);
      },
    }),
    route({
      method: "DELETE",
      path: place,
      operation: `${group}.unsetPreferences`,
      summary: "Removes a preference set: what holds are the defaults.",
      scope: "write",
      ...viewer,
      params,
      responses: { 204: null },
      async handle(input, context) {
        const { recipientId, tenantId } = placeOf(owner, input.params as Record<string, string>, context);
        await deletePreferenceSet(context.engine.context.database.db, { userId: recipientId, tenantId });
        return { status: 204 };
      },
    }),
  ];
}

/** A part of a set: what a path below it puts in the place of what is there. */
function partRoute<Body extends z.ZodType>(
  owner: Owner,
  part: {
    /** `channel_types/:type` */
    path: string;
    operation: string;
    summary: string;
    params: Record<string, z.ZodType>;
    body: Body;
    change(
      body: z.output<Body>,
      params: Record<string, string>,
      context: RestContext,
    ): (stored: PreferenceSet) => PreferenceSet;
  },
) {
  return route({
    method: "PUT",
    path: `${owner.path}/preferences/:preference_set_id/${part.path}`,
    operation: `${owner.group}.${part.operation}`,
    summary: part.summary,
    scope: "write",
    ...owner.viewer,
    params: owner.params.extend({ preference_set_id: z.string(), ...part.params }),
    body: part.body,
    responses,
    async handle(input, context) {
      const params = input.params as Record<string, string>;
      const found = placeOf(owner, params, context);
      const change = part.change(input.body, params, context);
      succeeded(await setPreferencePart(context.engine.context, { ...found, change }));
      return answer(context, found, found.tenantId);
    },
  });
}

const subscribed = z.strictObject({ subscribed: z.boolean() });

const channelType = z.enum(["email", "in_app_feed", "sms", "push", "chat", "http"]);

const channelTypeRoutes = (owner: Owner) => [
  partRoute(owner, {
    path: "channel_types",
    operation: "setChannelTypesPreferences",
    summary: "Puts what is wanted by type of channel in the place of what is stored of it.",
    params: {},
    body: channelTypesRequest,
    change: (body) => {
      const channelTypes = channelTypesFromWire(body, []);
      return (stored) => ({ ...stored, channelTypes });
    },
  }),
  partRoute(owner, {
    path: "channel_types/:type",
    operation: "setChannelTypePreferences",
    summary: "Puts what is wanted of one type of channel in the place of what is stored of it.",
    params: { type: channelType },
    body: subscribed.or(switchRequest),
    change(body, { type }) {
      const wanted = typeof body === "object" && "subscribed" in body ? body.subscribed : switchFromWire(body, []);
      const own = channelTypesFromWire({ [type!]: wanted }, []);
      return (stored) => ({ ...stored, channelTypes: { ...stored.channelTypes, ...own } });
    },
  }),
];

const sectionRoutes = (owner: Owner, section: "workflows" | "categories", one: string) => [
  partRoute(owner, {
    path: section,
    operation: `set${section === "workflows" ? "Workflows" : "Categories"}Preferences`,
    summary: `Puts what is wanted of ${section} in the place of what is stored of them.`,
    params: {},
    body: entriesRequest,
    change: (body, _params, context) => {
      const entries = entriesFromWire(context, body, []);
      return (stored) => ({ ...stored, [section]: entries });
    },
  }),
  partRoute(owner, {
    path: `${section}/:key`,
    operation: `set${section === "workflows" ? "Workflow" : "Category"}Preferences`,
    summary: `Puts what is wanted of one ${one} in the place of what is stored of it.`,
    params: { key: z.string() },
    body: subscribed.or(entryRequest),
    change(body, { key }, context) {
      const entry =
        typeof body === "object" && "subscribed" in body ? body.subscribed : entryFromWire(context, body, []);
      return (stored) => ({ ...stored, [section]: { ...stored[section], [key!]: entry } });
    },
  }),
];

/** Preferences of people and objects. */
export const preferenceRoutes = owners.flatMap((owner) => [
  ...setRoutes(owner),
  ...channelTypeRoutes(owner),
  ...sectionRoutes(owner, "workflows", "workflow"),
  ...sectionRoutes(owner, "categories", "category"),
]);
