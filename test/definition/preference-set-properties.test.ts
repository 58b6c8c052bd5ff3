import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyPreferenceChange, mergePreferenceSets } from "../../src/definition/merge-preference-sets.ts";
import { preferenceSetSchema, type PreferenceSet } from "../../src/definition/preference-set.ts";
import { names, plainPreferenceSet, preferenceSet } from "./arbitrary-preferences.ts";

const runs = { numRuns: 500 };
const named = (sets: readonly PreferenceSet[]) => sets.map((set, index) => ({ name: `${index}`, set }));
const merge = (...sets: PreferenceSet[]): PreferenceSet => mergePreferenceSets(named(sets)).set;

/** A document without the marker that is the default. */
const normal = (set: PreferenceSet): unknown =>
  JSON.parse(JSON.stringify(set), (key, value: unknown) =>
    key === "__strategy__" && value === "merge" ? undefined : value,
  );

test("random sets and their merges are valid documents", () => {
  fc.assert(
    fc.property(fc.array(preferenceSet, { maxLength: 3 }), (sets) => {
      for (const set of [...sets, merge(...sets)])
        expect(preferenceSetSchema.parse(JSON.parse(JSON.stringify(set)))).toEqual(set);
    }),
    runs,
  );
});

describe("laws of merging", () => {
  test("a set merged with nothing is itself; silent layers change nothing", () => {
    fc.assert(
      fc.property(preferenceSet, preferenceSet, (a, b) => {
        expect(merge(a)).toEqual(normal(a));
        expect(merge({}, a)).toEqual(merge(a));
        expect(merge(a, {})).toEqual(merge(a));
        expect(merge({}, a, {}, b, {})).toEqual(merge(a, b));
      }),
      runs,
    );
  });

  test("the lower layers can be merged first", () => {
    fc.assert(
      fc.property(preferenceSet, preferenceSet, preferenceSet, (a, b, c) => {
        expect(merge(a, merge(b, c))).toEqual(merge(a, b, c));
      }),
      runs,
    );
  });

  test("without switches for whole entries and without replace the order of merging does not matter", () => {
    fc.assert(
      fc.property(plainPreferenceSet, plainPreferenceSet, plainPreferenceSet, (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      }),
      runs,
    );
  });

  test("merging a set with itself is itself", () => {
    fc.assert(
      fc.property(preferenceSet, (a) => {
        expect(merge(a, a)).toEqual(merge(a));
      }),
      runs,
    );
  });

  test("without replace below, every switch of the highest layer stands, and is known to come from it", () => {
    fc.assert(
      fc.property(preferenceSet, plainPreferenceSet, (a, b) => {
        const { set, origins } = mergePreferenceSets(named([a, b]));
        for (const section of ["workflows", "categories"] as const) {
          for (const [key, value] of Object.entries(a[section] ?? {})) {
            if (typeof value !== "boolean") continue;
            expect(set[section]?.[key]).toBe(value);
            expect(origins).toContainEqual({ path: [section, key], layer: "0" });
          }
        }
        for (const [type, value] of Object.entries(a.channelTypes ?? {})) {
          if (type !== "__strategy__") expect(origins).toContainEqual({ path: ["channelTypes", type], layer: "0" });
          if (typeof value === "boolean") expect(set.channelTypes).toMatchObject({ [type]: value });
        }
      }),
      runs,
    );
  });

  test("an entry with replace is deaf to every layer above it, and its neighbours are not", () => {
    fc.assert(
      fc.property(preferenceSet, preferenceSet, preferenceSet, (a, b, c) => {
        const section = "categories";
        const [key, neighbour] = names.categories;
        const details = { channelTypes: { email: false }, __strategy__: "replace" as const };
        const lower = { ...c, [section]: { ...c[section], [key]: details } };
        const { set, origins } = mergePreferenceSets(named([a, b, lower]));
        expect(set[section]?.[key]).toEqual(details);
        expect(origins).toContainEqual({ path: [section, key, "channelTypes", "email"], layer: "2" });
        expect(set[section]?.[neighbour]).toEqual(merge(a, b, c)[section]?.[neighbour]);
      }),
      runs,
    );
  });

  test("every value has exactly one origin, and that layer holds it", () => {
    fc.assert(
      fc.property(fc.array(preferenceSet, { maxLength: 3 }), (sets) => {
        const { set, origins } = mergePreferenceSets(named(sets));
        const at = (root: unknown, path: string[]) =>
          path.reduce((value, key) => (value as Record<string, unknown>)[key], root);
        for (const { path, layer } of origins) {
          if (path.length > 2 || typeof at(set, path) === "boolean")
            expect(at(sets[Number(layer)], path)).toEqual(at(set, path));
        }
        expect(new Set(origins.map(({ path }) => JSON.stringify(path))).size).toBe(origins.length);
        expect(origins.length === 0).toBe(leaves(set) === 0);
      }),
      runs,
    );
  });
});

/** How many values, markers and empty entries aside, a document has. */
function leaves({ workflows, categories, channelTypes, channels, commercialSubscribed }: PreferenceSet): number {
  const entries = [...Object.keys(workflows ?? {}), ...Object.keys(categories ?? {})];
  const top = [...Object.keys(channelTypes ?? {}), ...Object.keys(channels ?? {})].filter(
    (key) => key !== "__strategy__",
  );
  return entries.length + top.length + (commercialSubscribed === undefined ? 0 : 1);
}

test("a change by merge is idempotent, contains the change, and makes a valid document", () => {
  fc.assert(
    fc.property(preferenceSet, preferenceSet, (stored, change) => {
      const once = applyPreferenceChange(stored, change, "merge");
      expect(applyPreferenceChange(once, change, "merge")).toEqual(once);
      expect(once).toMatchObject(change);
      expect(preferenceSetSchema.parse(once)).toEqual(once);
      expect(applyPreferenceChange(stored, {}, "merge")).toEqual(stored);
    }),
    runs,
  );
});
