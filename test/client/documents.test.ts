import { buildSchema, parse, validate } from "graphql";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { documents } from "../../src/client/documents.ts";

const schema = buildSchema(readFileSync(new URL("../../src/api/graphql/schema.graphql", import.meta.url), "utf8"));

test.each(Object.entries(documents))("what %s sends fits the schema", (_name, document) => {
  expect(validate(schema, parse(document))).toEqual([]);
});
