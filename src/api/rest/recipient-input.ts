// Recipients as clients write them: a person's id, a reference to an object, or either with what is to be known of it.
import { z } from "zod";
import type { JsonObject } from "../../base/canonical-json.ts";
import type { Issue } from "../../base/errors.ts";
import { objectRecipientId, type ObjectReference } from "../../base/object-id.ts";
import type { PreferenceSet } from "../../definition/preference-set.ts";
import type { ObjectInput, UserInput } from "../../engine/notify-call.ts";
import { storedByChannel } from "./channel-data-wire.ts";
import { invalidParam } from "./errors.ts";
import { changeFromWire, type PreferenceMode } from "./preferences-wire.ts";
import type { RestContext } from "./route.ts";
import { shape } from "./shapes/shape.ts";

type Path = Issue["path"];

/** What may be said of a person or an object in a request; whatever else is there is a property of the project's own. */
export const recipientFields = {
  name: z.string().nullish(),
  email: z.string().nullish(),
  phone_number: z.string().nullish(),
  avatar: z.string().nullish(),
  locale: z.string().nullish(),
  timezone: z.string().nullish(),
  created_at: z.iso.datetime({ offset: true, local: true }).nullish(),
  /** By id of the channel. */
  channel_data: z.record(z.string(), z.unknown()).nullish(),
  /** By id of the set: `default`, or that of a tenant. */
  preferences: z.record(z.string(), z.unknown()).nullish(),
};

const userRequest = shape("InlineUserRequest", z.looseObject({ id: z.string(), ...recipientFields }));

const objectRequest = shape(
  "InlineObjectRequest",
  z.looseObject({ id: z.string(), collection: z.string(), ...recipientFields }),
);

/** A recipient in a request. */
export const recipientRequest = shape("RecipientRequest", z.union([z.string(), objectRequest, userRequest]));

type RecipientRequest = z.output<typeof recipientRequest>;

/** A preference set that comes with a recipient. */
export interface GivenPreferences {
  recipientId: string;
  /** `null` for the recipient's own set. */
  tenantId: string | null;
  preferences: PreferenceSet;
  mode: PreferenceMode;
}

/** A recipient of a request as the engine takes it. */
export interface GivenRecipient {
  recipient: string | UserInput | ObjectInput;
  preferences: GivenPreferences[];
}

/** What clients that send back what they were given have among it. */
const NOT_STORED = new Set(["__typename", "updated_at", "id", "collection"]);

const columns: Readonly<Record<string, keyof UserInput>> = {
  name: "name",
  email: "email",
  phone_number: "phoneNumber",
  avatar: "avatar",
  locale: "locale",
  timezone: "timezone",
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is said of a recipient, as the engine takes it; its id is added by the caller. Refuses with 422. */
export function membersOf(
  context: Pick<RestContext, "engine">,
  given: Record<string, unknown>,
  path: Path,
): Omit<UserInput, "id"> {
  const members: Record<string, unknown> = {};
  const properties: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (NOT_STORED.has(name) || name === "channel_data" || name === "preferences") continue;
    if (Object.hasOwn(columns, name)) members[columns[name]!] = value;
    else if (name !== "$trigger_data") properties[name] = value;
    else if (isRecord(value) && Object.keys(value).length > 0) {
      throw invalidParam([...path, name], "Data for one recipient alone is not supported: make a call of its own.");
    }
  }
  const { channel_data: channelData } = given;
  return {
    ...members,
    ...(Object.keys(properties).length > 0 && { properties: properties as JsonObject }),
    ...(isRecord(channelData) && { channelData: storedByChannel(context, channelData, [...path, "channel_data"]) }),
  };
}

/** The preference sets that come with a recipient. Refuses with 422. */
export function preferencesIn(
  context: Pick<RestContext, "engine">,
  recipientId: string,
  { given, path }: { given: Record<string, unknown>; path: Path },
): GivenPreferences[] {
  const { preferences } = given;
  if (!isRecord(preferences)) return [];
  return Object.entries(preferences).map(([set, value]) => {
    const change = changeFromWire(context, value, { path: [...path, "preferences", set], mode: "MERGE" });
    return { recipientId, tenantId: set === "default" ? null : set, ...change };
  });
}

/** A recipient of a request. A reference alone changes nothing of what is known. Refuses with 422. */
export function givenRecipient(
  context: Pick<RestContext, "engine">,
  given: RecipientRequest,
  path: Path,
): GivenRecipient {
  if (typeof given === "string") return { recipient: given, preferences: [] };
  const { id } = given;
  const collection = "collection" in given ? (given["collection"] as string) : null;
  const object: ObjectReference | null = collection === null ? null : { collection, id };
  const recipientId = object ? objectRecipientId(object) : id;
  const members = membersOf(context, given, path);
  const preferences = preferencesIn(context, recipientId, { given, path });
  if (!object) return { recipient: { ...members, id }, preferences };
  const reference = Object.keys(members).length === 0;
  return { recipient: reference ? recipientId : { ...members, ...object }, preferences };
}

/** The id of a recipient that must be named alone: a person's id or a reference to an object. */
export const recipientIdOf = (given: RecipientRequest): string => {
  if (typeof given === "string") return given;
  return "collection" in given
    ? objectRecipientId({ id: given.id, collection: given["collection"] as string })
    : given.id;
};
