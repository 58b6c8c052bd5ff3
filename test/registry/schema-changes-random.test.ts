// For random pairs of schemas: what is said to break nobody, breaks nobody.
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { canonicalJson } from "../../src/base/canonical-json.ts";
import { schemaChanges } from "../../src/registry/diff/schema.ts";
import { inputJsonSchema } from "../../src/registry/json-schema.ts";
import { dataOf, mutated, object, objectSchema, spec, type ObjectSpec } from "./random-schemas.ts";

// Thousands of schemas that each parse a few values: code made for each would cost most of the time.
z.config({ jitless: true });

const pair: fc.Arbitrary<[ObjectSpec, ObjectSpec]> = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(object, object) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(object, fc.array(fc.nat(1_000), { minLength: 12, maxLength: 24 }), spec)
      .map(
        ([before, numbers, fresh]) =>
          [before, mutated(before, [...numbers], fresh) as ObjectSpec] as [ObjectSpec, ObjectSpec],
      ),
  },
);

/** Paths of keys that are in one value and not in the other. */
function lost(held: unknown, kept: unknown, path = ""): string[] {
  if (typeof held !== "object" || held === null) return [];
  if (typeof kept !== "object" || kept === null) return [path];
  return Object.entries(held).flatMap(([key, value]) =>
    key in kept ? lost(value, (kept as Record<string, unknown>)[key], `${path}.${key}`) : [`${path}.${key}`],
  );
}

/** What was given and read: the given keys that parsing kept. */
function read(given: unknown, parsed: unknown): unknown {
  if (typeof given !== "object" || given === null || typeof parsed !== "object" || parsed === null) return parsed;
  if (Array.isArray(parsed)) return parsed.map((item, index) => read((given as unknown[])[index], item));
  return Object.fromEntries(
    Object.entries(parsed)
      .filter(([key]) => key in given)
      .map(([key, value]) => [key, read((given as Record<string, unknown>)[key], value)]),
  );
}

function check(before: z.ZodObject, after: z.ZodObject, given: unknown): "refused" | "lost" | "other data" | null {
  const old = before.safeParse(given);
  if (!old.success) return null;
  const now = after.safeParse(given);
  if (!now.success) return "refused";
  if (lost(read(given, old.data), now.data).length > 0) return "lost";
  const again = after.safeParse(old.data);
  return again.success && canonicalJson(again.data) === canonicalJson(old.data) ? null : "other data";
}

test("no change for callers: every call is accepted as it was; no change for runs: what is stored is read as it is", () => {
  const seen = { callers: 0, runs: 0, safe: 0, equal: 0 };
  fc.assert(
    fc.property(
      pair.chain(([before, after]) =>
        fc.tuple(fc.constant(before), fc.constant(after), fc.array(dataOf(before), { minLength: 6, maxLength: 12 })),
      ),
      ([one, other, inputs]) => {
        const [before, after] = [objectSchema(one), objectSchema(other)];
        const changes = schemaChanges(inputJsonSchema(before), inputJsonSchema(after));
        const breaks = new Set(changes.map(({ breaks }) => breaks));
        seen[breaks.has("callers") ? "callers" : breaks.has("runs") ? "runs" : changes.length > 0 ? "safe" : "equal"]++;
        if (breaks.has("callers")) return;
        for (const input of inputs) {
          const found = check(before, after, input);
          const allowed = breaks.has("runs") ? [null, "other data"] : [null];
          if (!allowed.includes(found as never))
            throw new Error(`${found}: ${JSON.stringify(input)} after ${JSON.stringify(changes)}`);
        }
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 400) },
  );
  expect(Math.min(seen.callers, seen.safe)).toBeGreaterThan(20);
}, 60_000);
