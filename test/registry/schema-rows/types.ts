// Types and fixed values.
import { z } from "zod";
import { row, type Row } from "./row.ts";

const text = z.string();

export const types: [string, Row][] = [
  ["text to number", row(text, z.number(), "callers data.x: text → number", { refused: "x" })],
  ["number to text", row(z.number(), text, "callers data.x: number → text", { refused: 1 })],
  ["text to object", row(text, z.object({}), "callers data.x: text → object", { refused: "x" })],
  ["item to list", row(text, z.array(text), "callers data.x: text → list", { refused: "x" })],
  ["whole number to number", row(z.int(), z.number(), "data.x: whole number → number", { fine: [0, -3, 7] })],
  ["number to whole number", row(z.number(), z.int(), "callers data.x: number → whole number", { refused: 0.5 })],
  ["truth to text", row(z.boolean(), text, "callers data.x: true or false → text", { refused: true })],
  ["anything to text", row(z.unknown(), text, "callers data.x: anything → text", { refused: 1 })],
  ["text to anything", row(text, z.unknown(), "data.x: text → anything", { fine: ["", "x"] })],
  ["nullable", row(text, text.nullable(), "data.x: also accepts null", { fine: ["x"] })],
  ["no longer nullable", row(text.nullable(), text, "callers data.x: no longer accepts null", { refused: null })],
  [
    "object no longer nullable",
    row(z.object({ a: text }).nullable(), z.object({ a: text }), "callers data.x: no longer accepts null", {
      refused: null,
    }),
  ],
  ["never again", row(text, z.never(), "callers data.x: text → nothing", { refused: "x" })],
];

export const values: [string, Row][] = [
  [
    "narrowed enum",
    row(z.enum(["low", "medium", "high"]), z.enum(["low", "high"]), 'callers data.x: no longer accepts "medium"', {
      refused: "medium",
    }),
  ],
  ["widened enum", row(z.enum(["low"]), z.enum(["low", "high"]), 'data.x: also accepts "high"', { fine: ["low"] })],
  [
    "enum with other values",
    row(z.enum(["a", "b"]), z.enum(["b", "c"]), ['callers data.x: no longer accepts "a"', 'data.x: also accepts "c"'], {
      refused: "a",
    }),
  ],
  ["enum to text", row(z.enum(["a", "b"]), text, 'data.x: "a" or "b" → text', { fine: ["a", "b"] })],
  [
    "enum to a text that is too short",
    row(z.enum(["a", "abc"]), text.max(2), 'callers data.x: "a" or "abc" → text', { refused: "abc" }),
  ],
  ["text to enum", row(text, z.enum(["a"]), 'callers data.x: text → "a"', { refused: "b" })],
  [
    "another literal",
    row(z.literal("a"), z.literal("b"), ['callers data.x: no longer accepts "a"', 'data.x: also accepts "b"'], {
      refused: "a",
    }),
  ],
  ["literal to enum", row(z.literal("a"), z.enum(["a", "b"]), 'data.x: also accepts "b"', { fine: ["a"] })],
  ["one truth", row(z.boolean(), z.literal(true), "callers data.x: no longer accepts false", { refused: false })],
  ["both truths", row(z.literal(true), z.boolean(), "data.x: also accepts false", { fine: [true] })],
  ["number to literal", row(z.literal([1, 2]), z.literal(1), "callers data.x: no longer accepts 2", { refused: 2 })],
];
