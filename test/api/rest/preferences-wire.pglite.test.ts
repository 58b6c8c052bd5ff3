import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conditionFromWire, conditionToWire } from "../../../src/api/rest/conditions-wire.ts";
import { changeFromWire, presentPreferences } from "../../../src/api/rest/preferences-wire.ts";
import type { RestContext, RestError } from "../../../src/api/rest/route.ts";
import { preferenceSetShape } from "../../../src/api/rest/shapes/preference-set.ts";
import type { Channel } from "../../../src/channels/channel.ts";
import { capture } from "../../../src/channels/providers/capture.ts";
import type { Condition } from "../../../src/definition/conditions.ts";
import type { PreferenceSet } from "../../../src/definition/preference-set.ts";
import { condition } from "../../definition/arbitrary-conditions.ts";
import { names, preferenceSet } from "../../definition/arbitrary-preferences.ts";

const FEED = "6f1a3c1e-1f6d-4d0b-9a54-0a3b1c2d3e4f";

const channels = new Map(
  names.channels.map((key): [string, Channel] => [
    key,
    { key, type: "email", provider: capture("email"), sandbox: false } as unknown as Channel,
  ]),
);
const context = { engine: { context: { channels, channelIds: { [FEED]: "feed" } } } } as unknown as Pick<
  RestContext,
  "engine"
>;

const read = (given: unknown) => changeFromWire(context, given, { path: [], mode: "REPLACE" });

/** A set without sections that say nothing. */
const bare = (set: PreferenceSet) =>
  Object.fromEntries(
    Object.entries(set).filter(
      ([, section]) => typeof section !== "object" || Object.keys(section as object).length > 0,
    ),
  );

test("a set that is read and sent back is the same", () => {
  fc.assert(
    fc.property(preferenceSet, (set) => {
      const wire = JSON.parse(JSON.stringify(presentPreferences(context, "default", set))) as unknown;
      expect(preferenceSetShape.safeParse(wire).error).toBeUndefined();
      expect(bare(read(wire).preferences)).toEqual(bare(set));
    }),
    { numRuns: 300 },
  );
});

test("a condition that is read and sent back is the same, whatever it is", () => {
  fc.assert(
    fc.property(condition, (given) => {
      const wire = JSON.parse(JSON.stringify(conditionToWire(given))) as ReturnType<typeof conditionToWire>;
      expect(conditionFromWire(wire, [])).toEqual(given);
    }),
    { numRuns: 1_000 },
  );
});

const at = "2026-01-02T10:00:00Z";
const ref = "recipient.plan";

test.each<[string, string | null, Condition]>([
  ["equal_to", "pro", { op: "eq", ref, to: { value: "pro" } }],
  ["equal_to", '"5"', { op: "eq", ref, to: { value: "5" } }],
  ["equal_to", "5", { op: "eq", ref, to: { value: 5 } }],
  ["not_equal_to", "data.plan", { op: "neq", ref, to: { ref: "data.plan" } }],
  ["equal_to", "workflow.id", { op: "eq", ref, to: { ref: "workflow.key" } }],
  ["greater_than", "5", { op: "gt", ref, to: { value: 5 } }],
  ["greater_than_or_equal_to", "5", { op: "gte", ref, to: { value: 5 } }],
  ["less_than", "5", { op: "lt", ref, to: { value: 5 } }],
  ["less_than_or_equal_to", "5", { op: "lte", ref, to: { value: 5 } }],
  ["contains", "a", { op: "contains", ref, to: { value: "a" } }],
  ["not_contains", '["a","b"]', { op: "notContains", ref, to: { value: ["a", "b"] } }],
  ["contains_all", '["a"]', { op: "containsAll", ref, to: { value: ["a"] } }],
  ["not_contains_all", '["a"]', { op: "not", of: { op: "containsAll", ref, to: { value: ["a"] } } }],
  ["empty", null, { op: "empty", ref }],
  ["not_empty", null, { op: "notEmpty", ref }],
  ["exists", null, { op: "exists", ref }],
  ["not_exists", null, { op: "notExists", ref }],
  ["is_timestamp_before", at, { op: "before", ref, to: { value: at } }],
  ["is_timestamp_before", "2 days ago", { op: "before", ref, to: { fromNow: -172_800_000 } }],
  ["is_timestamp_before_now", null, { op: "before", ref, to: { fromNow: 0 } }],
  [
    "is_timestamp_on_or_after",
    "1 hour from now",
    {
      op: "all",
      of: [
        { op: "exists", ref },
        { op: "not", of: { op: "before", ref, to: { fromNow: 3_600_000 } } },
      ],
    },
  ],
])("%s %s means the same there and back", (operator, argument, ours) => {
  const wire = { variable: ref, operator, argument };
  expect(conditionFromWire(wire, [])).toEqual(ours);
  expect(conditionToWire(ours)).toEqual(wire);
});

describe("what has no counterpart is refused at its place", () => {
  const refusedAt = (given: unknown): string[] => {
    try {
      read(given);
    } catch (error) {
      return (error as RestError).errors.map(({ field }) => field);
    }
    return [];
  };
  const conditional = (one: object) => ({ workflows: { a: { conditions: [one] } } });

  test.each<[string, object, string]>([
    ["a step", conditional({ variable: "refs.a.status", operator: "exists" }), "workflows.a.conditions.0.variable"],
    ["a variable", conditional({ variable: "vars.x", operator: "exists" }), "workflows.a.conditions.0.variable"],
    [
      "an audience",
      conditional({ variable: "recipient", operator: "is_audience_member", argument: "x" }),
      "workflows.a.conditions.0.operator",
    ],
    [
      "a name of every object",
      conditional({ variable: "recipient", operator: "constructor" }),
      "workflows.a.conditions.0.operator",
    ],
    [
      "an object",
      conditional({ variable: "data.a", operator: "equal_to", argument: { b: 1 } }),
      "workflows.a.conditions.0.argument",
    ],
    [
      "no timestamp",
      conditional({ variable: "data.a", operator: "is_timestamp_on_or_after", argument: "soon" }),
      "workflows.a.conditions.0.argument",
    ],
    ["a channel", { channels: { [FEED.replace("6", "7")]: false } }, `channels.${FEED.replace("6", "7")}`],
    ["a type", { channel_types: { fax: true } }, "channel_types"],
    ["a member", { colour: 1 }, ""],
  ])("%s", (_name, given, field) => {
    expect(refusedAt(given)).toEqual([field]);
  });
});
