// Nothing that makes a new version is silent, and nothing is told of what is the same.
import fc from "fast-check";
import { expect, test } from "vitest";
import { hashJson } from "../../src/base/canonical-json.ts";
import { schemaChanges } from "../../src/registry/diff/schema.ts";
import { structureChanges } from "../../src/registry/diff/structure.ts";
import type { Structure } from "../../src/registry/structure.ts";
import { oneChange, structure } from "./random-structures.ts";

const told = (before: Structure, after: Structure): number =>
  structureChanges(before, after).length + schemaChanges(before.data, after.data).length;

test("one change anywhere is told; without a change nothing is", () => {
  let differing = 0;
  fc.assert(
    fc.property(structure, fc.array(oneChange, { minLength: 1, maxLength: 3 }), (before, changes) => {
      const after = structuredClone(before);
      for (const change of changes) change(after);
      expect(told(before, structuredClone(before))).toBe(0);
      const differs = hashJson(before) !== hashJson(after);
      if (differs) differing++;
      expect(told(before, after) > 0).toBe(differs);
      expect(told(after, before) > 0).toBe(differs);
    }),
    { numRuns: Number(process.env.RUNS ?? 1_500) },
  );
  expect(differing).toBeGreaterThan(500);
}, 60_000);

test("two structures that have nothing in common are told apart", () => {
  fc.assert(
    fc.property(structure, structure, (before, after) => {
      expect(told(before, after) > 0).toBe(hashJson(before) !== hashJson(after));
    }),
    { numRuns: 300 },
  );
});

test("every text of every change says something, and no two values read alike", () => {
  fc.assert(
    fc.property(structure, oneChange, (before, change) => {
      const after = structuredClone(before);
      change(after);
      for (const { texts } of structureChanges(before, after)) {
        expect(texts.length).toBeGreaterThan(0);
        for (const text of texts) {
          expect(text.trim()).not.toBe("");
          const [old, now] = text.split(" → ");
          expect(old).not.toBe(now);
        }
      }
    }),
    { numRuns: 500 },
  );
});
