import { beforeAll, expect, test } from "vitest";
import { type Block, blocksIn } from "./read-docs.ts";
import { typeErrors } from "./type-check.ts";

const all = blocksIn("ts", "tsx");

const block = (text: string, given = ""): Block => ({
  page: "docs/made-up.md",
  line: 7,
  language: "ts",
  info: "",
  text,
  given,
});

const madeUp = [
  block('// data.ts\nimport { workflow } from "knock";\n\nworkflow("a-b", { data: 7 });'),
  block("// given.ts\nexport const x: number = given;", "declare const given: number;"),
  block("// given.ts\nexport const y: string = given;", "declare const given: number;"),
  block('// workflows/extra.ts\nexport const extra = "x";'),
  block(
    'import { newComment } from "./workflows/index.ts";\nimport { extra } from "./workflows/extra.ts";\nexport const key: string = extra + newComment.key;',
  ),
];

// Starting the compiler is what takes the time, so it is asked once.
let errors: string[] = [];
beforeAll(async () => {
  errors = await typeErrors([...all.filter(({ info }) => info === ""), ...madeUp]);
});

test("every block of TypeScript compiles against this package", () => {
  expect(all.length).toBeGreaterThan(20);
  expect(errors.filter((line) => !line.startsWith("docs/made-up.md"))).toEqual([]);
});

test("a block that does not compile is named by page and line", () => {
  expect(errors.filter((line) => line.startsWith("docs/made-up.md"))).toEqual([
    expect.stringMatching(/^docs\/made-up\.md:10: error TS/),
    expect.stringMatching(/^docs\/made-up\.md:8: error TS2322/),
  ]);
});

test("a block that is not checked says why in its first line", () => {
  for (const { page, line, info, text } of all.filter((one) => one.info !== "")) {
    expect(info, `${page}:${line}`).toBe("no-check");
    expect(text, `${page}:${line}`).toMatch(/^\/\/ Not checked: \w{3,}/);
  }
});
