import { gzipSync } from "node:zlib";
import { parse, validate, buildSchema } from "graphql";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as feed from "../../src/client/feed/documents.ts";
import * as preferences from "../../src/client/preferences/documents.ts";
import { bundleForBrowser } from "../support/browser.ts";

const schema = buildSchema(readFileSync(new URL("../../src/api/graphql/schema.graphql", import.meta.url), "utf8"));

test.each(Object.entries({ ...feed, ...preferences }))("what %s sends fits the schema", (_name, document) => {
  expect(validate(schema, parse(document))).toEqual([]);
});

test("a page that shows a feed loads less than 10 kB for it", async () => {
  const text = 'import { createFeed } from "knock/client"; globalThis.made = createFeed;';
  const size = gzipSync(await bundleForBrowser({ text }, { minify: true })).length;
  console.info(`createFeed: ${size} bytes gzipped`);
  expect(size).toBeLessThan(10_000);
});
