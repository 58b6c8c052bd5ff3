import { describe, expect, test } from "vitest";
import { deadPaths, ownTime, strayStatements, tooLong, wayward } from "./rules.ts";
import { filesIn, parseSource, read, sourcesIn } from "./source.ts";

const src = sourcesIn("src");
const everything = sourcesIn(
  "src",
  "test",
  "workflows",
  "bench",
  "knock.config.ts",
  "drizzle.config.ts",
  "vitest.config.ts",
);
const documents = filesIn(["README.md", "docs", "src", "drizzle"], /\.md$/).map((path) => ({ path, text: read(path) }));
const made = (path: string, text: string) => [parseSource(path, `\n${text}`)];

describe("size", () => {
  test("no file is too long", () => {
    expect(tooLong(everything)).toEqual([]);
  });

  test("401 lines are too long, 400 are not", () => {
    const file = (lines: number) => ({ path: "src/a.ts", text: "a;\n".repeat(lines) });
    expect(tooLong([file(400)])).toEqual([]);
    expect(tooLong([file(401)])).toEqual(["src/a.ts has 401 lines, 400 is the most"]);
  });
});

describe("time", () => {
  test("comes from the clock", () => {
    expect(ownTime(src)).toEqual([]);
  });

  test.each([
    "Date.now()",
    "new Date()",
    "new Date",
    "setTimeout(f, 1)",
    "globalThis.setInterval(f, 1)",
    "performance.now()",
    'import { setTimeout as wait } from "node:timers/promises"',
    "const t = `${new Date()}`",
  ])("%s is refused", (text) => {
    expect(ownTime(made("src/engine/a.ts", text))).toEqual([expect.stringContaining("src/engine/a.ts:2 ")]);
    expect(ownTime(made("src/base/clock.ts", text))).toEqual([]);
  });

  test.each(["new Date(0)", "// Date.now()", 'const s = "setTimeout(f)"', "clock.now()"])("%s passes", (text) => {
    expect(ownTime(made("src/engine/a.ts", text))).toEqual([]);
  });
});

describe("SQL", () => {
  test("is in the store alone", () => {
    expect(strayStatements(src)).toEqual([]);
  });

  test.each([
    "const q = sql`select 1`",
    'import { eq } from "drizzle-orm"',
    'const d = await import("postgres")',
    'import type { PGlite } from "@electric-sql/pglite"',
  ])("%s is refused elsewhere", (text) => {
    expect(strayStatements(made("src/engine/a.ts", text))).toEqual([expect.stringContaining("src/engine/a.ts:2 ")]);
    expect(strayStatements(made("src/store/a.ts", text))).toEqual([]);
  });
});

describe("words", () => {
  test("there is no way around the compiler and nothing left to do later", () => {
    expect(wayward(everything)).toEqual([]);
  });

  test.each([
    "let a: any",
    "const a = b as any",
    "type A = any[]",
    `// @ts-${"ignore"}`,
    `/* TO${"DO"}: later */`,
    `// @ts-${"expect-error"}`,
  ])("%s is refused", (text) => {
    expect(wayward(made("src/a.ts", text))).toHaveLength(1);
  });

  test.each(['const s = "any"', "// any of them", 'const s = "TODO"'])("%s passes", (text) => {
    expect(wayward(made("src/a.ts", text))).toEqual([]);
  });

  test("tests may expect type errors", () => {
    expect(wayward(made("test/types/a.test-d.ts", `// @ts-${"expect-error"}`))).toEqual([]);
  });
});

describe("documents", () => {
  test("name only what is there", () => {
    expect(deadPaths(documents)).toEqual([]);
  });

  test("a dead path is found, in code and in links, and nothing else", () => {
    const text = [
      "See `src/gone.ts`, [this](gone.md#part) and [that](../gone.ts).",
      "`src/base/errors.ts` [here](channels.md) [web](https://example.com/x) [part](#part) `src/<layer>/x.ts` `user.name` `errors.ts`",
      "```ts",
      "`src/example.ts`",
      "```",
      "`knock.config.ts` `gone.config.ts`",
    ].join("\n");
    const there = new Set(["src/base/errors.ts", "docs/channels.md", "knock.config.ts", "docs/errors.ts"]);
    expect(deadPaths([{ path: "docs/a.md", text }], (path) => there.has(path))).toEqual([
      "docs/a.md:1 names src/gone.ts, which is not there",
      "docs/a.md:1 names gone.md#part, which is not there",
      "docs/a.md:1 names ../gone.ts, which is not there",
      "docs/a.md:6 names gone.config.ts, which is not there",
    ]);
  });
});
