// Bounds, formats and patterns.
import { z } from "zod";
import { row, type Row } from "./row.ts";

const text = z.string();

export const bounds: [string, Row][] = [
  ["longer minimum", row(text.min(1), text.min(3), "callers data.x: at least 3 characters (was 1)", { refused: "ab" })],
  ["first minimum", row(text, text.min(1), "callers data.x: at least 1 character (was any number)", { refused: "" })],
  ["shorter minimum", row(text.min(3), text.min(1), "data.x: at least 1 character (was 3)", { fine: ["abc"] })],
  ["no minimum", row(text.min(3), text, "data.x: may be empty (was at least 3)", { fine: ["abc"] })],
  [
    "smaller maximum",
    row(text.max(9), text.max(2), "callers data.x: at most 2 characters (was 9)", { refused: "abc" }),
  ],
  ["larger maximum", row(text.max(2), text.max(9), "data.x: at most 9 characters (was 2)", { fine: ["ab"] })],
  ["no maximum", row(text.max(2), text, "data.x: any number of characters (was at most 2)", { fine: ["ab"] })],
  ["larger number", row(z.number().min(1), z.number().min(2), "callers data.x: at least 2 (was 1)", { refused: 1 })],
  ["no bound", row(z.number().min(1), z.number(), "data.x: no longer at least 1", { fine: [1, 2.5] })],
  [
    "bound itself",
    row(z.number().min(1), z.number().gt(1), "callers data.x: more than 1 (was at least 1)", { refused: 1 }),
  ],
  [
    "bound itself, too",
    row(z.number().lt(5), z.number().max(5), "data.x: at most 5 (was less than 5)", { fine: [4.9] }),
  ],
  [
    "the same bound in other words",
    row(z.int().gt(0), z.int().min(1), "data: written in another way, means the same", { fine: [1, 2] }),
  ],
  ["bound of whole numbers", row(z.int(), z.int().min(0), "callers data.x: at least 0 (was any)", { refused: -1 })],
  [
    "32 bits",
    row(
      z.int(),
      z.int32(),
      ["callers data.x: at least -2147483648 (was any)", "callers data.x: at most 2147483647 (was any)"],
      { refused: 2 ** 40 },
    ),
  ],
  ["multiple", row(z.number(), z.number().multipleOf(5), "callers data.x: must be a multiple of 5", { refused: 3 })],
  [
    "coarser multiple",
    row(
      z.number().multipleOf(2),
      z.number().multipleOf(4),
      ["callers data.x: must be a multiple of 4", "data.x: need no longer be a multiple of 2"],
      { refused: 2 },
    ),
  ],
  [
    "finer multiple",
    row(
      z.number().multipleOf(4),
      z.number().multipleOf(2),
      ["data.x: must be a multiple of 2", "data.x: need no longer be a multiple of 4"],
      { fine: [0, 4, 8] },
    ),
  ],
  ["format", row(text, z.email(), "callers data.x: must be email (was any text)", { refused: "x" })],
  ["no format", row(z.email(), text, "data.x: any text (was email)", { fine: ["ada@x.co"] })],
  ["another format", row(z.email(), z.url(), "callers data.x: must be uri (was email)", { refused: "ada@x.co" })],
  [
    "timestamps with an offset",
    row(
      z.iso.datetime({ offset: true }),
      z.iso.datetime(),
      ["callers data.x: must be a common date-time (was one of its own)"],
      { refused: "2026-01-05T09:00:00+02:00" },
    ),
  ],
  ["pattern", row(text, text.regex(/^a/), 'callers data.x: must match "^a"', { refused: "b" })],
  ["no pattern", row(text.regex(/^a/), text, 'data.x: need no longer match "^a"', { fine: ["a"] })],
  [
    "another pattern",
    row(text.regex(/^a/), text.regex(/^b/), ['callers data.x: must match "^b"', 'data.x: need no longer match "^a"'], {
      refused: "a",
    }),
  ],
  [
    "a pattern more",
    row(text.regex(/^a/), text.regex(/^a/).regex(/b$/), 'callers data.x: must match "b$"', { refused: "a" }),
  ],
];
