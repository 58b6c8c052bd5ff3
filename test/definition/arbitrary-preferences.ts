// Random sets of preferences for property tests. Few names, so that layers often speak about the same.
import fc from "fast-check";
import type { Condition } from "../../src/definition/conditions.ts";
import type {
  ChannelPreference,
  MergeStrategy,
  PreferenceDetails,
  PreferenceEntry,
  PreferenceSet,
} from "../../src/definition/preference-set.ts";

/** Names that random sets use; a name that every object inherits is among them. */
export const names = {
  workflows: ["comment", "constructor"],
  categories: ["social", "product news"],
  channels: ["ses", "feed"],
  channelTypes: ["email", "inApp"],
} as const;

const condition: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  { op: "eq", ref: "recipient.plan", to: { value: "pro" } },
  { op: "notContains", ref: "recipient.muted", to: { ref: "data.project" } },
  { op: "exists", ref: "actor" },
);

const conditions = fc.array(condition, { maxLength: 2 });

const channelPreference: fc.Arbitrary<ChannelPreference> = fc.oneof(
  { weight: 4, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.record({ conditions }) },
);

const sparse = <Value>(keys: readonly string[], value: fc.Arbitrary<Value>) =>
  fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: keys.length, noNullPrototype: true });

const optional = { requiredKeys: [] };

const detailsWith = (strategy: object): fc.Arbitrary<PreferenceDetails> =>
  fc.record(
    {
      channelTypes: sparse(names.channelTypes, channelPreference),
      channels: sparse(names.channels, channelPreference),
      conditions,
      ...strategy,
    },
    { ...optional, noNullPrototype: true },
  );

const top = (keys: readonly string[], strategy: fc.Arbitrary<object>) =>
  fc.tuple(sparse(keys, channelPreference), strategy).map((parts) => Object.assign({}, ...parts));

function setOf(entry: fc.Arbitrary<PreferenceEntry>, strategy: fc.Arbitrary<object>): fc.Arbitrary<PreferenceSet> {
  return fc.record(
    {
      workflows: sparse(names.workflows, entry),
      categories: sparse(names.categories, entry),
      channelTypes: top(names.channelTypes, strategy),
      channels: top(names.channels, strategy),
      commercialSubscribed: channelPreference,
    },
    { ...optional, noNullPrototype: true },
  );
}

const marker = fc.constantFrom<MergeStrategy>("merge", "replace");
const sometimesMarked = fc.oneof(fc.constant({}), fc.record({ __strategy__: marker }));

/** Any valid set. */
export const preferenceSet: fc.Arbitrary<PreferenceSet> = setOf(
  fc.oneof(fc.boolean(), detailsWith({ __strategy__: marker }), detailsWith({})),
  sometimesMarked,
);

/** A set whose entries are all objects without `__strategy__`: here merging is a plain deep merge. */
export const plainPreferenceSet: fc.Arbitrary<PreferenceSet> = setOf(detailsWith({}), fc.constant({}));
