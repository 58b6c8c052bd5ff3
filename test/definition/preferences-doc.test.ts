// Everything that docs/preferences.md shows and counts is checked against the product.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  comparisonOperators,
  conditionLimits,
  conditionRoots,
  stateOperators,
} from "../../src/definition/conditions.ts";
import { mergePreferenceSets } from "../../src/definition/merge-preference-sets.ts";
import {
  channelTypeNames,
  preferenceLimits,
  preferenceSetSchema,
  type PreferenceSet,
} from "../../src/definition/preference-set.ts";

const page = readFileSync(new URL("../../docs/preferences.md", import.meta.url), "utf8");

const examples = [...page.matchAll(/```json\n([^]*?)```/g)].map(([, text], index) => ({
  number: index + 1,
  text: text!,
}));

const example = (beginning: string): PreferenceSet => {
  const section = page.slice(page.indexOf(beginning));
  return JSON.parse(/```json\n([^]*?)```/.exec(section)![1]!) as PreferenceSet;
};

test("there are examples, and of other languages only a command with what it prints", () => {
  expect(examples.length).toBeGreaterThan(10);
  const others = [...page.matchAll(/^```(?!json)(\w+)$/gm)].map(([, language]) => language);
  expect(others).toEqual(["sh", "text"]);
  expect(page.match(/```/g)).toHaveLength(2 * (examples.length + others.length));
});

test.each(examples)("example $number is a valid set", ({ text }) => {
  const document: unknown = JSON.parse(text);
  expect(preferenceSetSchema.parse(document)).toEqual(document);
});

test("the example of merging tells the truth", () => {
  const merged = mergePreferenceSets([
    { name: "recipient", set: example("and this set of a recipient") },
    { name: "environment", set: example("## How they merge") },
  ]);
  expect(merged.set).toEqual(example("what counts for the recipient is"));
});

describe("what the page lists is what there is", () => {
  test.each([...channelTypeNames, ...comparisonOperators, ...stateOperators, ...conditionRoots, "all", "any", "not"])(
    "`%s`",
    (name) => {
      expect(page).toContain(`\`${name}\``);
    },
  );

  test.each([
    `${preferenceLimits.bytes / 1024} kB`,
    `${preferenceLimits.entries} entries`,
    `${preferenceLimits.conditions} conditions`,
    `${conditionLimits.depth} levels deep`,
    `${conditionLimits.nodes} parts`,
  ])("the limit %s", (text) => {
    expect(page).toContain(text);
  });
});
