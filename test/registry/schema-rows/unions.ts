// Unions and combinations.
import { z } from "zod";
import { row, type Row } from "./row.ts";

const text = z.string();

const kinds = (...objects: [string, z.ZodRawShape][]) =>
  z.discriminatedUnion("kind", objects.map(([kind, shape]) => z.object({ kind: z.literal(kind), ...shape })) as never);

export const unions: [string, Row][] = [
  [
    "a member more",
    row(z.union([text, z.number()]), z.union([text, z.number(), z.boolean()]), "data.x: also accepts false, true", {
      fine: ["x", 1],
    }),
  ],
  ["a member less", row(z.union([text, z.number()]), text, "callers data.x: no longer accepts number", { refused: 1 })],
  ["to a union", row(text, z.union([text, z.array(text)]), "data.x: also accepts list", { fine: ["x"] })],
  [
    "member changed",
    row(z.union([text, z.array(text)]), z.union([text, z.array(z.int())]), "callers data.x[]: text → whole number", {
      refused: ["x"],
    }),
  ],
  [
    "members of another order that cannot be mixed up",
    row(z.union([text, z.number()]), z.union([z.number(), text]), "data: written in another way, means the same", {
      fine: ["x", 1],
    }),
  ],
  [
    "a wider member stands first and drops keys",
    row(
      z.union([z.object({ a: text, b: text }), z.object({ a: text })]),
      z.union([z.object({ a: text }), z.object({ a: text, b: text })]),
      [
        "callers data.x: one form of object cannot be compared with what is accepted now",
        "data.x: also accepts another form of object",
      ],
      { loses: { a: "x", b: "y" } },
    ),
  ],
  [
    "two texts in one",
    row(
      z.union([text.min(3), text.max(1)]),
      z.union([text, z.int()]),
      [
        "data.x: may be empty (was at least 3)",
        "data.x: any number of characters (was at most 1)",
        "data.x: also accepts whole number",
      ],
      { fine: ["abc", "a"] },
    ),
  ],
  [
    "kind added",
    row(kinds(["a", {}]), kinds(["a", {}], ["b", {}]), 'data.x: also accepts kind "b"', { fine: [{ kind: "a" }] }),
  ],
  [
    "kind removed",
    row(kinds(["a", {}], ["b", {}]), kinds(["a", {}]), 'callers data.x: no longer accepts kind "b"', {
      refused: { kind: "b" },
    }),
  ],
  [
    "key of a kind",
    row(
      kinds(["a", {}], ["b", {}]),
      kinds(["a", {}], ["b", { sum: z.int() }]),
      'callers data.x(kind: "b").sum: new required key',
      { refused: { kind: "b" } },
    ),
  ],
  [
    "kinds in another order",
    row(
      kinds(["a", { x: text }], ["b", {}]),
      kinds(["b", {}], ["a", { x: text }]),
      "data: written in another way, means the same",
      { fine: [{ kind: "a", x: "" }, { kind: "b" }] },
    ),
  ],
  [
    "kinds together",
    row(
      kinds(["a", { x: text }], ["b", { x: text }]),
      z.object({ kind: z.enum(["a", "b"]), x: text }),
      "data: written in another way, means the same",
      {
        fine: [
          { kind: "a", x: "" },
          { kind: "b", x: "" },
        ],
      },
    ),
  ],
  [
    "union with values",
    row(
      z.union([z.literal("a"), z.int()]),
      z.union([z.literal("b"), z.int()]),
      ['callers data.x: no longer accepts "a"', 'data.x: also accepts "b"'],
      { refused: "a" },
    ),
  ],
  [
    "value that another member takes",
    row(z.union([z.literal("a"), z.int()]), z.union([text, z.int()]), "data.x: also accepts text", { fine: ["a", 1] }),
  ],
  [
    "either of two that overlap",
    row(
      z.xor([z.object({ a: text.optional() }), z.object({ b: text.optional() })]),
      z.xor([z.object({ a: text.optional() }), z.object({ b: z.int().optional() })]),
      "callers data.x: forms that exclude each other cannot be compared",
      { refused: { b: "x", a: 1 } },
    ),
  ],
  [
    "both of two",
    row(
      z.object({ a: text }),
      z.intersection(z.object({ a: text }), z.object({ b: text })),
      "callers data.x.b: new required key",
      { refused: { a: "x" } },
    ),
  ],
  [
    "a text that is two at once",
    row(
      text.min(1),
      z.intersection(text.min(1), text.max(2)),
      "callers data.x: at most 2 characters (was any number)",
      { refused: "abc" },
    ),
  ],
  [
    "two that only together say what they mean",
    row(
      z.intersection(z.record(text, text), z.object({ a: text })),
      z.intersection(z.record(text, text), z.object({ b: text })),
      "callers data.x: a combination of schemas → a combination of schemas, which cannot be compared",
      { refused: { a: "x" } },
    ),
  ],
  [
    "what drops keys before what takes anything",
    row(
      z.looseObject({}),
      z.union([z.object({ a: text.optional() }), z.unknown()]),
      "callers data.x: map → a combination of schemas, which cannot be compared",
      { loses: { z: 1 } },
    ),
  ],
];
