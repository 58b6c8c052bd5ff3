import { describe, expect, test } from "vitest";
import { boundToNode, brokenLayers, tangledProviders, valueCycles } from "./layers.ts";
import { parseSource, sourcesIn } from "./source.ts";

const sources = sourcesIn("src");
const made = (files: Record<string, string>) => Object.entries(files).map(([path, text]) => parseSource(path, text));

test("there is something to look at", () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(200);
});

describe("layers", () => {
  test("imports go only downward", () => {
    expect(brokenLayers(sources)).toEqual([]);
  });

  test.each([
    ["src/engine/a.ts", 'import { b } from "../api/b.ts";', "engine may import base"],
    ["src/engine/a.ts", 'import type { B } from "../api/b.ts";', "engine may import base"],
    ["src/base/a.ts", 'import { b } from "../store/b.ts";', "no other layer"],
    ["src/store/a.ts", 'import { b } from "../registry/b.ts";', "types alone"],
    ["src/client/a.ts", 'export { b } from "../definition/b.ts";', "types alone"],
    ["src/api/a.ts", 'const b = await import("../cli/b.ts");', "api may import"],
    ["src/api/a.ts", 'type B = import("../server/b.ts").B;', "api may import"],
    ["src/registry/a.ts", 'import { sql } from "drizzle-orm/pg-core";', "registry may import"],
    ["src/engine/a.ts", 'import { x } from "../../test/x.ts";', "leaves src/"],
    ["src/shared/a.ts", 'import { x } from "../base/x.ts";', "is no layer"],
  ])("%s is refused: %s", (path, text, why) => {
    expect(brokenLayers(made({ [path]: `\n${text}` }))).toEqual([expect.stringMatching(`^${path}:2 imports .*${why}`)]);
  });

  test("what the table lists passes", () => {
    const fine =
      'import { a } from "../base/a.ts";\nimport type { b } from "../registry/b.ts";\nimport { sql } from "drizzle-orm";\nimport "node:fs";';
    expect(brokenLayers(made({ "src/store/a.ts": fine }))).toEqual([]);
  });
});

describe("cycles", () => {
  test("no files import each other's values", () => {
    expect(valueCycles(sources)).toEqual([]);
  });

  test("a knot of three is found, types are none", () => {
    const knot = (kind: string) =>
      made({
        "src/a/a.ts": 'import { b } from "./b.ts";',
        "src/a/b.ts": 'export * from "./c.ts";',
        "src/a/c.ts": `import ${kind} { a } from "./a.ts";`,
      });
    expect(valueCycles(knot(""))).toEqual(["src/a/a.ts → src/a/b.ts → src/a/c.ts → src/a/a.ts"]);
    expect(valueCycles(knot("type"))).toEqual([]);
  });
});

test("the client needs no Node, not even through a file of another layer", () => {
  expect(boundToNode(sources)).toEqual([]);
  const files = {
    "src/client/a.ts": 'import { b } from "../base/b.ts";\nimport type { c } from "../base/c.ts";',
    "src/base/b.ts": 'export * from "./d.ts";',
    "src/base/c.ts": 'import "node:fs";',
    "src/base/d.ts": 'import { createHash } from "node:crypto";',
  };
  expect(boundToNode(made(files))).toEqual([expect.stringContaining("src/base/d.ts:1 imports node:crypto")]);
});

test("providers do not reach for each other", () => {
  expect(tangledProviders(sources)).toEqual([]);
  expect(tangledProviders(made({ "src/channels/providers/a.ts": 'import { b } from "./b.ts";' }))).toEqual([
    "src/channels/providers/a.ts:1 imports ./b.ts",
  ]);
});
