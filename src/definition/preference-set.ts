// What a person (or a tenant, or the whole environment) wants to receive, as one JSON document.
import { z } from "zod";
import { preferenceConditionSchema } from "./condition-schema.ts";
import type { Condition } from "./conditions.ts";
import { isStorable, jsonExcess } from "./json-size.ts";
import type { ChannelKind } from "./steps/channel.ts";

/** The channel types that preferences speak about. */
export const channelTypeNames = [
  "inApp",
  "email",
  "sms",
  "push",
  "chat",
  "webhook",
] as const satisfies readonly ChannelKind[];

export type ChannelTypeName = (typeof channelTypeNames)[number];

/** How an entry of a lower set meets the same entry of a higher one; `replace` makes the lower one win. */
export type MergeStrategy = "merge" | "replace";

/** On, off, or on while every condition holds. */
export type ChannelPreference = boolean | { conditions: Condition[] };

/** Preferences by channel type. */
export type ChannelTypePreferences = { [Type in ChannelTypeName]?: ChannelPreference };

/** Preferences by key of a channel. Where a channel has one, its type is not asked. */
export type ChannelPreferences = Record<string, ChannelPreference>;

/** What is wanted of one workflow or one category. Absent parts are on. */
export interface PreferenceDetails {
  channelTypes?: ChannelTypePreferences;
  channels?: ChannelPreferences;
  conditions?: Condition[];
  __strategy__?: MergeStrategy;
}

/** What is wanted of one workflow or one category. */
export type PreferenceEntry = boolean | PreferenceDetails;

/** Channel types for everything. */
export type TopChannelTypes = ChannelTypePreferences & { __strategy__?: MergeStrategy };

/** Channels for everything. `__strategy__` is the only member that is no channel. */
export interface TopChannels {
  [channel: string]: ChannelPreference | MergeStrategy;
}

/** One set of preferences. Whatever it does not mention is on. */
export interface PreferenceSet {
  /** By key of the workflow. */
  workflows?: Record<string, PreferenceEntry>;
  /** By name of the category, as the workflows spell it. */
  categories?: Record<string, PreferenceEntry>;
  channelTypes?: TopChannelTypes;
  channels?: TopChannels;
  /** Whether commercial workflows may write. */
  commercialSubscribed?: ChannelPreference;
}

/** How large a set of preferences may be. */
export const preferenceLimits = {
  /** Bytes of the whole document as JSON. */
  bytes: 256 * 1024,
  /** Entries of one section, such as `workflows`. */
  entries: 1_000,
  /** Characters of the name of an entry. */
  name: 255,
  /** Conditions of one entry. */
  conditions: 50,
} as const;

const STRATEGY = "__strategy__";

/** A document is never deeper than conditions of the greatest depth inside a channel inside an entry. */
const DEPTH = 60;

const strategy = z.enum(["merge", "replace"], { error: '__strategy__ is "merge" or "replace"' });

const conditions = z
  .array(preferenceConditionSchema, { error: "conditions are a list; all of them must hold" })
  .max(preferenceLimits.conditions, { error: `an entry has more than ${preferenceLimits.conditions} conditions` });

/** JSON can name a member `__proto__`, which zod drops in silence instead of refusing it. */
const hasProto = (given: unknown): boolean =>
  typeof given === "object" && given !== null && Object.hasOwn(given, "__proto__");

/** A schema of objects whose unknown members are refused each at its own path. */
function closed<Shape extends z.core.$ZodShape>(shape: Shape, error: string) {
  const message = `unknown member; known are ${Object.keys(shape).join(", ")}`;
  return z
    .unknown()
    .superRefine((given, context) => {
      if (hasProto(given)) context.addIssue({ code: "custom", path: ["__proto__"], message });
    })
    .pipe(z.object(shape, { error }).catchall(z.custom<never>(() => false, { error: message })));
}

/** A switch: `true`, `false`, or an object. (A union would hide what is wrong inside the object.) */
function switchOr<Details>(details: z.ZodType<Details>): z.ZodType<boolean | Details> {
  return z.unknown().transform((given, context): boolean | Details => {
    if (typeof given === "boolean") return given;
    const parsed = details.safeParse(given);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
}

function nameProblem(name: string): string | null {
  if (name === "") return "a name is empty";
  if (name.length > preferenceLimits.name) return `a name is longer than ${preferenceLimits.name} characters`;
  if (/^__.*__$/.test(name)) return "a name between double underscores is reserved";
  return isStorable(name) ? null : "a name holds a character that cannot be stored";
}

/** A schema of objects by name. */
function named<Value>(schema: z.ZodType<Value>, allowed: readonly string[] = []): z.ZodType<Value> {
  return z
    .unknown()
    .superRefine((given, context) => {
      if (typeof given !== "object" || given === null || Array.isArray(given)) return;
      const names = Object.keys(given).filter((name) => !allowed.includes(name));
      if (names.length > preferenceLimits.entries) {
        context.addIssue({ code: "custom", message: `there are more than ${preferenceLimits.entries} entries` });
        return;
      }
      for (const name of names) {
        const message = nameProblem(name);
        if (message) context.addIssue({ code: "custom", path: [name], message });
      }
    })
    .pipe(schema);
}

const byName = "entries by name, as an object";

const channelPreference: z.ZodType<ChannelPreference> = switchOr(
  closed({ conditions }, "true, false or { conditions }") as z.ZodType<{ conditions: Condition[] }>,
);

const channelTypes = Object.fromEntries(
  channelTypeNames.map((type) => [type, channelPreference.exactOptional()]),
) as Record<ChannelTypeName, z.ZodExactOptional<z.ZodType<ChannelPreference>>>;

const entry: z.ZodType<PreferenceEntry> = switchOr(
  closed(
    {
      channelTypes: closed(
        channelTypes,
        `channel types are an object of ${channelTypeNames.join(", ")}`,
      ).exactOptional(),
      channels: named(z.record(z.string(), channelPreference, { error: byName })).exactOptional(),
      conditions: conditions.exactOptional(),
      [STRATEGY]: strategy.exactOptional(),
    },
    "true, false or an object of channelTypes, channels and conditions",
  ) as z.ZodType<PreferenceDetails>,
);

const entries = named(z.record(z.string(), entry, { error: byName })).exactOptional();

const document = closed(
  {
    workflows: entries,
    categories: entries,
    channelTypes: closed(
      { ...channelTypes, [STRATEGY]: strategy.exactOptional() },
      `channel types are an object of ${channelTypeNames.join(", ")}`,
    ).exactOptional(),
    channels: named(z.object({ [STRATEGY]: strategy.exactOptional() }, { error: byName }).catchall(channelPreference), [
      STRATEGY,
    ]).exactOptional(),
    commercialSubscribed: channelPreference.exactOptional(),
  },
  "a set of preferences is an object",
) as z.ZodType<PreferenceSet>;

const excesses = {
  bytes: `the document is larger than ${preferenceLimits.bytes / 1024} kB`,
  depth: "the document is nested too deeply",
} as const;

/**
 * A set of preferences, as JSON. Strict: unknown members, channel types and operators are refused,
 * each with its path.
 *
 * @example preferenceSetSchema.parse({ categories: { comments: { channelTypes: { email: false } } } })
 */
export const preferenceSetSchema: z.ZodType<PreferenceSet> = z
  .unknown()
  .superRefine((given, context) => {
    const excess = jsonExcess(given, { bytes: preferenceLimits.bytes, depth: DEPTH });
    if (excess) context.addIssue({ code: "custom", message: excesses[excess] });
  })
  .pipe(document);
