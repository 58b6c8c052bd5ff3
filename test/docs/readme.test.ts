import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nameOf } from "./lay-out.ts";
import { readDocs, root } from "./read-docs.ts";

const readme = readDocs().find(({ path }) => path === "README.md")!;

test("the workflow that it shows is the one in the folder", () => {
  const shown = readme.blocks.find((block) => nameOf(block)?.startsWith("workflows/"))!;
  const file = nameOf(shown)!;
  expect(shown.text).toBe(`// ${file}\n${readFileSync(join(root, file), "utf8")}`);
});

test("it begins with the command that starts, and names the one that tests", () => {
  const commands = readme.blocks.filter(({ language }) => language === "sh").map(({ text }) => text.trim());
  expect(commands).toEqual(["npm ci && npm run dev", "npm ci && npm test"]);
});

test("it is read in five minutes", () => {
  expect(readme.text.split("\n").length).toBeLessThan(200);
});
