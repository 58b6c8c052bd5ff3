import { expect, test } from "vitest";
import { type Block, blocksIn } from "./read-docs.ts";
import { typeErrors } from "./type-check.ts";

const all = blocksIn("ts", "tsx");

const block = (text: string, given = ""): Block => ({ page: "docs/made-up.md", line: 7, language: "ts", info: "", text, given });

test("every block of TypeScript compiles against this package", async () => {
  const checked = all.filter(({ info }) => info === "");
  expect(checked.length).toBeGreaterThan(20);
  expect(await typeErrors(checked)).toEqual([]);
});

test("a block that is not checked says why in its first line", () => {
  for (const { page, line, info, text } of all.filter((one) => one.info !== "")) {
    expect(info, `${page}:${line}`).toBe("no-check");
    expect(text, `${page}:${line}`).toMatch(/^\/\/ Not checked: \w{3,}/);
  }
});

test("a block that does not compile is named by page and line", async () => {
  const errors = await typeErrors([
    block('import { workflow } from "knock";\n\nworkflow("a-b", { data: 7 });'),
    block("export const x: number = given;", "declare const given: number;"),
    block("export const y: string = given;", "declare const given: number;"),
  ]);
  expect(errors).toEqual([expect.stringMatching(/^docs\/made-up\.md:9: error TS/), expect.stringMatching(/^docs\/made-up\.md:7: error TS2322/)]);
});

test("blocks with a name are files that other blocks of the page import", async () => {
  const file = block('// workflows/extra.ts\nexport const extra = "x";');
  const user = block('import { newComment } from "./workflows/index.ts";\nimport { extra } from "./workflows/extra.ts";\nexport const key: string = extra + newComment.key;');
  expect(await typeErrors([file, user])).toEqual([]);
});
