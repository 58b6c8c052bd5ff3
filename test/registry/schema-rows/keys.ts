// Keys of objects.
import { z } from "zod";
import { row, type Row } from "./row.ts";

const text = z.string();

export const keys: [string, Row][] = [
  ["required key", row(z.object({}), z.object({ a: text }), "callers data.x.a: new required key", { refused: {} })],
  ["optional key", row(z.object({}), z.object({ a: text.optional() }), "data.x.a: new optional key", { fine: [{}] })],
  [
    "key with a default",
    row(z.object({}), z.object({ a: text.default("en") }), 'runs data.x.a: new key, default "en"', { stored: {} }),
  ],
  [
    "nullable key is still required",
    row(z.object({}), z.object({ a: text.nullable() }), "callers data.x.a: new required key", { refused: {} }),
  ],
  ["removed key", row(z.object({ a: text }), z.object({}), "callers data.x.a: key removed", { loses: { a: "x" } })],
  [
    "removed optional key",
    row(z.object({ a: text.optional() }), z.object({}), "callers data.x.a: key removed", { loses: { a: "x" } }),
  ],
  [
    "removed key of a strict object",
    row(z.strictObject({ a: text }), z.strictObject({}), "callers data.x.a: key removed, and refused when given", {
      refused: { a: "x" },
    }),
  ],
  [
    "removed key of a loose object",
    row(z.looseObject({ a: text }), z.looseObject({}), "data.x.a: no longer a key of its own, kept like any other", {
      fine: [{ a: "x" }],
    }),
  ],
  [
    "renamed key",
    row(
      z.object({ a: text }),
      z.object({ b: text }),
      ["callers data.x.a: key removed", "callers data.x.b: new required key"],
      { refused: { a: "x" } },
    ),
  ],
  [
    "optional to required",
    row(z.object({ a: text.optional() }), z.object({ a: text }), "callers data.x.a: now required", { refused: {} }),
  ],
  [
    "required to optional",
    row(z.object({ a: text }), z.object({ a: text.optional() }), "data.x.a: no longer required", {
      fine: [{ a: "x" }],
    }),
  ],
  [
    "required to default",
    row(z.object({ a: text }), z.object({ a: text.default("y") }), 'data.x.a: no longer required, default "y"', {
      fine: [{ a: "x" }],
    }),
  ],
  [
    "optional to default",
    row(
      z.object({ a: text.optional() }),
      z.object({ a: text.default("y") }),
      'runs data.x.a: default "y" (was optional)',
      { stored: {} },
    ),
  ],
  [
    "default to optional",
    row(
      z.object({ a: text.default("y") }),
      z.object({ a: text.optional() }),
      'data.x.a: no default any more (was "y")',
      { fine: [{}, { a: "x" }] },
    ),
  ],
  [
    "default to required",
    row(
      z.object({ a: text.default("y") }),
      z.object({ a: text }),
      'callers data.x.a: now required (was "y" by default)',
      { refused: {} },
    ),
  ],
  [
    "another default",
    row(z.object({ a: text.default("en") }), z.object({ a: text.default("de") }), 'data.x.a: default "en" → "de"', {
      fine: [{}, { a: "x" }],
    }),
  ],
  [
    "a default that is an object",
    row(
      z.object({ a: z.object({ b: text }).default({ b: "1" }) }),
      z.object({ a: z.object({ b: text }).default({ b: "2" }) }),
      'data.x.a: default {"b":"1"} → {"b":"2"}',
      { fine: [{}] },
    ),
  ],
  [
    "strip to strict",
    row(z.object({}), z.strictObject({}), "callers data.x: unknown keys are now refused (were dropped)", {
      refused: { z: 1 },
    }),
  ],
  [
    "strict to strip",
    row(z.strictObject({}), z.object({}), "data.x: unknown keys are now dropped (were refused)", { fine: [{}] }),
  ],
  [
    "strip to loose",
    row(z.object({}), z.looseObject({}), "data.x: unknown keys are now kept (were dropped)", { fine: [{}, { z: 1 }] }),
  ],
  [
    "loose to strip",
    row(z.looseObject({}), z.object({}), "callers data.x: unknown keys are now dropped (were kept)", {
      loses: { z: 1 },
    }),
  ],
  [
    "loose to strict",
    row(z.looseObject({}), z.strictObject({}), "callers data.x: unknown keys are now refused (were kept)", {
      refused: { z: 1 },
    }),
  ],
  [
    "strip to catchall",
    row(
      z.object({ a: text }),
      z.object({ a: text }).catchall(z.number()),
      "callers data.x: unknown keys are now kept when they fit (were dropped)",
      { refused: { a: "x", z: "no number" } },
    ),
  ],
  [
    "narrower catchall",
    row(z.object({}).catchall(z.number()), z.object({}).catchall(z.int()), "callers data.x.*: number → whole number", {
      refused: { z: 0.5 },
    }),
  ],
  [
    "key that a loose object kept unchecked",
    row(
      z.looseObject({}),
      z.looseObject({ a: text.optional() }),
      "callers data.x.a: new key, and what was kept under this name may not fit",
      { refused: { a: 1 } },
    ),
  ],
  [
    "key that a catchall checked alike",
    row(z.object({}).catchall(text), z.object({ a: text.optional() }).catchall(text), "data.x.a: new optional key", {
      fine: [{}, { a: "x" }],
    }),
  ],
  [
    "key inside",
    row(z.object({ a: z.object({}) }), z.object({ a: z.object({ b: text }) }), "callers data.x.a.b: new required key", {
      refused: { a: {} },
    }),
  ],
  [
    "key with spaces",
    row(z.object({}), z.object({ "two words": text }), 'callers data.x["two words"]: new required key', {
      refused: {},
    }),
  ],
];
