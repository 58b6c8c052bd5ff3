import { z } from "zod";
import type { JsonObject } from "../../base/canonical-json.ts";
import { setChannelData, unsetChannelData } from "../../engine/directory/channel-data.ts";
import { findChannelData } from "../../store/channel-data.ts";
import { presentEntry, storedChannelData } from "./channel-data-wire.ts";
import { requireChannel } from "./channel-id.ts";
import { missing, succeeded } from "./errors.ts";
import { type Owner, owners } from "./owners.ts";
import { route } from "./route.ts";
import { shape } from "./shapes/shape.ts";

/** What a channel knows of a recipient. */
const channelDataShape = shape(
  "ChannelData",
  z.strictObject({
    __typename: z.literal("ChannelData"),
    channel_id: z.uuid(),
    provider: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
);

function routesOf({ group, path, params: ownerParams, viewer, recipientIdOf }: Owner) {
  const place = `${path}/channel_data/:channel_id`;
  const params = ownerParams.extend({ channel_id: z.string() });
  return [
    route({
      method: "GET",
      path: place,
      operation: `${group}.getChannelData`,
      summary: "What a channel knows of the recipient, such as push tokens.",
      scope: "read",
      ...viewer,
      params,
      responses: { 200: channelDataShape },
      async handle(input, context) {
        const found = input.params as Record<string, string>;
        const { context: engine } = context.engine;
        const channel = requireChannel(engine, found["channel_id"]!);
        const data = await findChannelData(engine.database.db, recipientIdOf(found), channel.key);
        if (!data) throw missing("channel data");
        return { status: 200, body: presentEntry(context, channel, data) };
      },
    }),
    route({
      method: "PUT",
      path: place,
      operation: `${group}.setChannelData`,
      summary: "Puts what a channel knows of the recipient in the place of what it knew.",
      scope: "write",
      ...viewer,
      params,
      body: z.object({ data: z.record(z.string(), z.unknown()) }),
      responses: { 200: channelDataShape },
      async handle(input, context) {
        const found = input.params as Record<string, string>;
        const { context: engine } = context.engine;
        const channel = requireChannel(engine, found["channel_id"]!);
        const data = storedChannelData(channel, input.body.data as JsonObject, ["data"]);
        const change = { recipientId: recipientIdOf(found), channel: channel.key, data };
        const stored = succeeded(await setChannelData(engine, change));
        return { status: 200, body: presentEntry(context, channel, stored.data) };
      },
    }),
    route({
      method: "DELETE",
      path: place,
      operation: `${group}.unsetChannelData`,
      summary: "Forgets what a channel knows of the recipient.",
      scope: "write",
      ...viewer,
      params,
      responses: { 204: null },
      async handle(input, { engine }) {
        const found = input.params as Record<string, string>;
        const channel = requireChannel(engine.context, found["channel_id"]!);
        succeeded(await unsetChannelData(engine.context, { recipientId: recipientIdOf(found), channel: channel.key }));
        return { status: 204 };
      },
    }),
  ];
}

/** What channels know of recipients. */
export const channelDataRoutes = owners.flatMap(routesOf);
