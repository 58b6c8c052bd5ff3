import { parse, validate, type GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { buildSchema } from "../../src/api/graphql/build-schema.ts";
import { registryOf } from "../../src/registry/compile.ts";
import * as workflows from "../../workflows/index.ts";
import { users } from "../../workflows/people.ts";
import { blocksIn } from "./read-docs.ts";

const schema = buildSchema(registryOf(workflows, { users, channels: [] }));
const blocks = blocksIn("graphql").map((block) => ({ ...block, name: `${block.page}:${block.line}` }));

function problemsOf(text: string): string[] {
  try {
    return validate(schema, parse(text)).map(({ message }) => message);
  } catch (error) {
    return [(error as GraphQLError).message];
  }
}

test.each(blocks.filter(({ info }) => info === ""))("$name fits the schema of the example project", ({ text }) => {
  expect(problemsOf(text)).toEqual([]);
});

test("there are blocks, and one that is not checked says why in its first line", () => {
  expect(blocks.length).toBeGreaterThan(1);
  for (const { info, text, name } of blocks.filter((block) => block.info !== "")) {
    expect(info, name).toBe("no-check");
    expect(text, name).toMatch(/^# Not checked: \w{3,}/);
  }
});

test("what does not fit would be found", () => {
  expect(problemsOf("{ workflows { kay } }")).toHaveLength(1);
  expect(problemsOf("{ workflows { key }")).toHaveLength(1);
});
