// Lists, tuples, records, and schemas that hold themselves.
import { z } from "zod";
import { row, type Row } from "./row.ts";

const text = z.string();

interface Tree {
  name: string;
  kids: Tree[];
}
const tree = (name: z.ZodString): z.ZodType<Tree> => {
  const node: z.ZodType<Tree> = z.object({
    name,
    get kids() {
      return z.array(node);
    },
  });
  return node;
};
const forest: Tree = { name: "root", kids: [{ name: "leaf", kids: [] }] };

export const lists: [string, Row][] = [
  ["items", row(z.array(text), z.array(z.number()), "callers data.x[]: text → number", { refused: ["x"] })],
  [
    "key of items",
    row(z.array(z.object({})), z.array(z.object({ a: text })), "callers data.x[].a: new required key", {
      refused: [{}],
    }),
  ],
  [
    "more items",
    row(z.array(text), z.array(text).min(1), "callers data.x: at least 1 item (was any number)", { refused: [] }),
  ],
  [
    "fewer items",
    row(z.array(text), z.array(text).max(2), "callers data.x: at most 2 items (was any number)", {
      refused: ["a", "b", "c"],
    }),
  ],
  [
    "any number of items",
    row(z.array(text).max(2), z.array(text), "data.x: any number of items (was at most 2)", { fine: [[], ["a", "b"]] }),
  ],
  [
    "item of a tuple",
    row(z.tuple([text, z.int()]), z.tuple([text, text]), "callers data.x[1]: whole number → text", {
      refused: ["a", 1],
    }),
  ],
  [
    "longer tuple",
    row(
      z.tuple([text]),
      z.tuple([text, text]),
      ["callers data.x: at least 2 items (was 1)", "data.x: at most 2 items (was 1)"],
      { refused: ["a"] },
    ),
  ],
  [
    "tuple to list",
    row(
      z.tuple([text, text]),
      z.array(text),
      ["data.x: may be empty (was at least 2)", "data.x: any number of items (was at most 2)"],
      { fine: [["a", "b"]] },
    ),
  ],
  [
    "list to tuple",
    row(
      z.array(text),
      z.tuple([text]),
      ["callers data.x: at least 1 item (was any number)", "callers data.x: at most 1 item (was any number)"],
      { refused: [] },
    ),
  ],
  [
    "record",
    row(z.record(text, z.number()), z.record(text, z.int()), "callers data.x.*: number → whole number", {
      refused: { a: 0.5 },
    }),
  ],
  [
    "keys of a record",
    row(z.record(text, text), z.record(text.regex(/^a/), text), 'callers data.x: keys: must match "^a"', {
      refused: { b: "x" },
    }),
  ],
  [
    "record of fixed keys",
    row(
      z.record(z.enum(["a", "b"]), text),
      z.record(z.enum(["a"]), text),
      "callers data.x.b: key removed, and refused when given",
      { refused: { a: "", b: "" } },
    ),
  ],
  [
    "fixed keys as an object",
    row(z.record(z.enum(["a"]), text), z.object({ a: text }), "data.x: unknown keys are now dropped (were refused)", {
      fine: [{ a: "x" }],
    }),
  ],
  [
    "a schema that holds itself",
    row(tree(text), tree(text.min(5)), "callers data.x.name: at least 5 characters (was any number)", {
      refused: forest,
    }),
  ],
  [
    "a schema that holds itself, wider",
    row(tree(text.min(3)), tree(text), "data.x.name: may be empty (was at least 3)", { fine: [forest] }),
  ],
];
