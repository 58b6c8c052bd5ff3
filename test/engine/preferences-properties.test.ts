import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Condition } from "../../src/definition/conditions.ts";
import { evaluate } from "../../src/definition/evaluate.ts";
import { mergePreferenceSets } from "../../src/definition/merge-preference-sets.ts";
import type { PreferenceSet } from "../../src/definition/preference-set.ts";
import {
  compilePreferences,
  decidePreferences,
  evaluatePreferences,
  type LayerName,
  type PreferenceLayers,
  type PreferenceQuestion,
} from "../../src/engine/preferences.ts";
import { names, plainPreferenceSet, preferenceSet } from "../definition/arbitrary-preferences.ts";
import { modelAllows } from "./preferences-model.ts";

const now = new Date("2026-03-01T12:00:00.000Z");
const runs = { numRuns: 1_000 };

const maybeSet = fc.option(preferenceSet, { freq: 3 });
const layersArbitrary: fc.Arbitrary<Required<PreferenceLayers>> = fc.record({
  recipient: maybeSet,
  recipientTenant: maybeSet,
  tenant: maybeSet,
  environment: maybeSet,
});

const workflow = fc.record({
  key: fc.constantFrom(...names.workflows),
  categories: fc.subarray([...names.categories, "toString"]),
  required: fc.constant(false),
  commercial: fc.boolean(),
});

const channel = fc.constantFrom(
  { key: "ses", type: "email" as const },
  { key: "feed", type: "inApp" as const },
  { key: "__proto__", type: "email" as const },
  { key: "constructor", type: "sms" as const },
);

const scope = fc.record({
  recipient: fc.record({ plan: fc.constantFrom("pro", "free", null), muted: fc.subarray(["p1", "p2"]) }),
  data: fc.record({ project: fc.constantFrom("p1", "p2") }),
  actor: fc.constantFrom(null, { id: "user_1" }),
});

const question: fc.Arbitrary<PreferenceQuestion> = fc.record({ workflow, channel, scope, now: fc.constant(now) });

const decide = (layers: PreferenceLayers, hasTenant: boolean, asked: PreferenceQuestion) =>
  evaluatePreferences({ layers, hasTenant, ...asked });

describe("against the plainly told rules", () => {
  const agree = (layers: Required<PreferenceLayers>, hasTenant: boolean, asked: PreferenceQuestion) => {
    const holds = (condition: unknown) => evaluate(condition as Condition, asked.scope, { now }).holds;
    return [
      decide(layers, hasTenant, asked).allowed,
      modelAllows({ sets: layers, hasTenant, ...asked, holds }),
    ] as const;
  };

  test("the decision is the same", () => {
    const seen = { true: 0, false: 0 };
    fc.assert(
      fc.property(layersArbitrary, fc.boolean(), question, (layers, hasTenant, asked) => {
        const [actual, expected] = agree(layers, hasTenant, asked);
        expect(actual).toBe(expected);
        seen[`${actual}`] += 1;
      }),
      { ...runs, numRuns: 3_000 },
    );
    expect(Math.min(seen.true, seen.false)).toBeGreaterThan(300);
  });
});

describe("laws", () => {
  test("what the whole merged set says as one layer is what the layers say", () => {
    fc.assert(
      fc.property(layersArbitrary, fc.boolean(), question, (layers, hasTenant, asked) => {
        const compiled = compilePreferences(layers, hasTenant);
        const { set } = mergePreferenceSets(compiled.layers);
        const merged = [{ name: "recipient" as LayerName, set }];
        const whole = decidePreferences({ layers: merged, commercial: compiled.commercial }, asked);
        const lazy = decidePreferences(compiled, asked);
        expect(whole.allowed).toBe(lazy.allowed);
        expect(whole.entries.map(({ entry, value }) => [entry, value])).toEqual(
          lazy.entries.map(({ entry, value }) => [entry, value]),
        );
      }),
      runs,
    );
  });

  test("allowed is: every entry that applies allows; the deciding entry is one of them", () => {
    fc.assert(
      fc.property(layersArbitrary, fc.boolean(), question, (layers, hasTenant, asked) => {
        const { allowed, entries, decidedBy, reason } = decide(layers, hasTenant, asked);
        expect(allowed).toBe(entries.every((entry) => entry.allowed));
        expect(decidedBy === null).toBe(entries.length === 0);
        if (decidedBy) expect(entries).toContainEqual(expect.objectContaining({ ...decidedBy, allowed, reason }));
        for (const { layer } of entries) expect(layers[layer]).not.toBeNull();
      }),
      runs,
    );
  });

  test("what nobody set is on", () => {
    const silent = fc.constantFrom<PreferenceSet | null>(
      null,
      {},
      { workflows: {}, channels: {} },
      { categories: { other: false } },
    );
    fc.assert(
      fc.property(
        fc.record({ recipient: silent, recipientTenant: silent, tenant: silent, environment: silent }),
        question,
        (layers, asked) => {
          expect(decide(layers, true, asked)).toMatchObject({ allowed: true, decidedBy: null, entries: [] });
        },
      ),
      runs,
    );
  });

  test("a required workflow is always allowed", () => {
    fc.assert(
      fc.property(layersArbitrary, fc.boolean(), question, (layers, hasTenant, asked) => {
        const required = { ...asked, workflow: { ...asked.workflow, required: true } };
        expect(decide(layers, hasTenant, required)).toMatchObject({ allowed: true, decidedBy: null });
      }),
      runs,
    );
  });

  test("an opt-out of the recipient never allows more", () => {
    const optOut = fc.constantFrom<(set: PreferenceSet) => PreferenceSet>(
      ...names.workflows.map((key) => (set: PreferenceSet) => ({
        ...set,
        workflows: { ...set.workflows, [key]: false },
      })),
      ...names.categories.map((key) => (set: PreferenceSet) => ({
        ...set,
        categories: { ...set.categories, [key]: false },
      })),
      ...names.channels.map((key) => (set: PreferenceSet) => ({ ...set, channels: { ...set.channels, [key]: false } })),
      ...names.channelTypes.map((type) => (set: PreferenceSet) => ({
        ...set,
        channelTypes: { ...set.channelTypes, [type]: false },
      })),
      (set) => ({ ...set, commercialSubscribed: false }),
    );
    fc.assert(
      fc.property(
        layersArbitrary,
        preferenceSet,
        fc.boolean(),
        question,
        optOut,
        (layers, own, hasTenant, asked, change) => {
          const top = hasTenant ? "recipientTenant" : "recipient";
          const before = decide({ ...layers, [top]: own }, hasTenant, asked);
          const after = decide({ ...layers, [top]: change(own) }, hasTenant, asked);
          if (!before.allowed) expect(after.allowed).toBe(false);
        },
      ),
      runs,
    );
  });

  test("an opt-out of the recipient blocks, unless a lower layer overrules it", () => {
    fc.assert(
      fc.property(preferenceSet, plainPreferenceSet, question, (own, environment, asked) => {
        const recipient = { ...own, workflows: { ...own.workflows, [asked.workflow.key]: false } };
        expect(decide({ recipient, environment }, false, asked).allowed).toBe(false);
      }),
      runs,
    );
  });

  test("workflows, categories and channels that are not asked about change nothing", () => {
    const elsewhere: PreferenceSet = {
      workflows: { elsewhere: false },
      categories: { elsewhere: false },
      channels: { elsewhere: false },
      channelTypes: { webhook: false },
    };
    fc.assert(
      fc.property(layersArbitrary, question, (layers, asked) => {
        const { set } = mergePreferenceSets([
          { name: "a", set: layers.recipient ?? {} },
          { name: "b", set: elsewhere },
        ]);
        const wider = decide({ ...layers, recipient: set }, false, asked);
        expect(wider.allowed).toBe(decide(layers, false, asked).allowed);
      }),
      runs,
    );
  });

  test("the sets are not altered", () => {
    fc.assert(
      fc.property(layersArbitrary, fc.boolean(), question, (layers, hasTenant, asked) => {
        const before = structuredClone(layers);
        decide(layers, hasTenant, asked);
        expect(layers).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });
});
