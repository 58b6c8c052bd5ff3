import { z } from "zod";
import { shape } from "./shape.ts";

/** A condition of a preference. */
const conditionShape = shape(
  "Condition",
  z.strictObject({
    variable: z.string(),
    operator: z.string(),
    argument: z.string().nullable(),
  }),
);

const conditions = z.array(conditionShape);

/** On, off, or on while all conditions hold. */
const switchShape = shape("PreferenceSwitch", z.union([z.boolean(), z.strictObject({ conditions })]));

const strategy = z.enum(["merge", "replace"]);

const channelTypeNames = ["email", "in_app_feed", "sms", "push", "chat", "http"] as const;

const channelTypesOf = <Value extends z.ZodType>(value: Value) =>
  Object.fromEntries(channelTypeNames.map((name) => [name, value.optional()])) as Record<
    (typeof channelTypeNames)[number],
    z.ZodOptional<Value>
  >;

/** By type of channel. */
const channelTypesShape = shape(
  "PreferenceSetChannelTypes",
  z.strictObject({ ...channelTypesOf(switchShape), __strategy__: strategy.optional() }),
);

const channels = z.record(z.string(), switchShape.or(strategy));

/** What is wanted of one workflow or category. */
const entryShape = shape(
  "PreferenceSetEntry",
  z.union([
    z.boolean(),
    z.strictObject({
      channel_types: channelTypesShape.optional(),
      channels: channels.optional(),
      conditions: conditions.optional(),
      __strategy__: strategy.optional(),
    }),
  ]),
);

/** A set of preferences. Whatever it does not mention is on. */
export const preferenceSetShape = shape(
  "PreferenceSet",
  z.strictObject({
    id: z.string(),
    workflows: z.record(z.string(), entryShape),
    categories: z.record(z.string(), entryShape),
    channel_types: channelTypesShape,
    channels,
    commercial_subscribed: switchShape.nullable(),
  }),
);

/** A condition in a request: the argument may be any JSON, as older clients send it. */
const conditionRequest = shape(
  "ConditionRequest",
  z.strictObject({ variable: z.string(), operator: z.string(), argument: z.unknown().optional() }),
);

/** On, off, or on while all conditions hold; oldest clients write `{ subscribed }`. */
export const switchRequest = shape(
  "PreferenceSwitchRequest",
  z.union([z.boolean(), z.strictObject({ conditions: z.array(conditionRequest) })]),
);

/** By type of channel. */
export const channelTypesRequest = shape(
  "ChannelTypesRequest",
  z.strictObject({ ...channelTypesOf(switchRequest), __strategy__: strategy.optional() }),
);

const channelsRequest = z.record(z.string(), switchRequest.or(strategy));

/** What is wanted of one workflow or category. */
export const entryRequest = shape(
  "PreferenceSetEntryRequest",
  z.union([
    z.boolean(),
    z.strictObject({
      channel_types: channelTypesRequest.nullish(),
      channels: channelsRequest.nullish(),
      conditions: z.array(conditionRequest).nullish(),
      __strategy__: strategy.optional(),
    }),
  ]),
);

/** Entries by name. */
export const entriesRequest = z.record(z.string(), entryRequest);

/** A set of preferences in a request. */
export const preferenceSetRequest = shape(
  "PreferenceSetRequest",
  z.strictObject({
    id: z.string().optional(),
    workflows: entriesRequest.nullish(),
    categories: entriesRequest.nullish(),
    channel_types: channelTypesRequest.nullish(),
    channels: channelsRequest.nullish(),
    commercial_subscribed: switchRequest.nullish(),
    __persistence_strategy__: strategy.optional(),
  }),
);
