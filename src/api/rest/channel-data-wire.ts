// Addresses of push and chat, between the forms that clients write and what the providers here read.
import type { Json, JsonObject } from "../../base/canonical-json.ts";
import type { Issue } from "../../base/errors.ts";
import type { Channel } from "../../channels/channel.ts";
import { channelIdOf, channelKeyOf } from "./channel-id.ts";
import { invalidParam } from "./errors.ts";
import type { RestContext } from "./route.ts";

type Path = Issue["path"];

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** The first members of these names that are texts, of each object in a list. */
const textsIn = (list: Json[], ...names: string[]): string[] =>
  list.flatMap((item) => {
    const found = isObject(item) ? names.map((name) => item[name]).find((value) => typeof value === "string") : item;
    return typeof found === "string" && found !== "" ? [found] : [];
  });

/** The tokens of push data in any of the forms that there are. */
function tokensIn({ tokens, devices, target_arns: arns, player_ids: players }: JsonObject): string[] {
  const forms = [tokens, devices, arns, players].map((form) => textsIn(listOf(form), "token", "target_arn"));
  return forms.find((form) => form.length > 0) ?? [];
}

const hasTokens = (data: JsonObject): boolean =>
  ["tokens", "devices", "target_arns", "player_ids"].some((name) => Array.isArray(data[name]));

/** What is stored of a channel's data, so that its provider finds the address. Refuses with 422. */
export function storedChannelData({ type }: Pick<Channel, "type">, data: JsonObject, path: Path): JsonObject {
  if (type === "push") {
    if (!hasTokens(data)) throw invalidParam([...path, "tokens"], "Push data needs tokens or devices.", "required");
    return { ...data, tokens: tokensIn(data) };
  }
  if (type === "chat" && typeof data["to"] !== "string") {
    const [to] = textsIn(
      listOf(data["connections"]),
      "channel_id",
      "user_id",
      "ms_teams_channel_id",
      "ms_teams_user_id",
    );
    return to === undefined ? data : { ...data, to };
  }
  return data;
}

/** Data of a channel as clients know it. */
function presentChannelData({ type }: Pick<Channel, "type">, stored: JsonObject): JsonObject {
  if (type !== "push" || Array.isArray(stored["devices"])) return stored;
  const devices = textsIn(listOf(stored["tokens"])).map((token) => ({ token, locale: null, timezone: null }));
  return { ...stored, devices };
}

/** Channel data by ids of channels, as it is stored: by their keys. Refuses with 422. */
export function storedByChannel(
  { engine: { context } }: Pick<RestContext, "engine">,
  given: Record<string, unknown>,
  path: Path,
): Record<string, JsonObject> {
  const entries = Object.entries(given).map(([id, value]): [string, JsonObject] => {
    const key = channelKeyOf(context, id);
    if (key === null) throw invalidParam([...path, id], "There is no such channel.", "channel_invalid");
    const data = isObject(value) && isObject(value["data"]) && Object.keys(value).length === 1 ? value["data"] : value;
    if (!isObject(data)) throw invalidParam([...path, id], "Channel data is an object.", "invalid_type");
    return [key, storedChannelData(context.channels.get(key)!, data, [...path, id])];
  });
  return Object.fromEntries(entries);
}

/** Channel data with its id, as clients know it. */
export const presentEntry = ({ engine }: Pick<RestContext, "engine">, channel: Channel, stored: JsonObject) => ({
  __typename: "ChannelData" as const,
  channel_id: channelIdOf(engine.context, channel.key),
  provider: `${channel.type}_${channel.provider.key}`,
  data: presentChannelData(channel, stored),
});
