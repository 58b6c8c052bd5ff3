import { readFileSync } from "node:fs";
import {
  getNamedType,
  type GraphQLField,
  type GraphQLInputField,
  GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  printSchema,
  validate,
} from "graphql";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as project from "../../workflows/index.ts";
import { users } from "../../workflows/people.ts";
import { stopwatch } from "../../src/base/clock.ts";
import { buildSchema } from "../../src/api/graphql/build-schema.ts";
import { printSdl } from "../../src/api/graphql/print-schema.ts";
import { workflow } from "../../src/definition/workflow.ts";
import type { WorkflowModule } from "../../src/registry/config.ts";
import { registryFor } from "./fixtures/registry.ts";
import * as fixtures from "./fixtures/workflows.ts";

const registry = registryFor(fixtures);
const schema = buildSchema(registry);

test("one copy of graphql: the schema is one that graphql knows", () => {
  expect(schema).toBeInstanceOf(GraphQLSchema);
  expect(printSchema(schema)).toContain("type Mutation");
});

const argumentsOf = (field: GraphQLField<unknown, unknown> | GraphQLInputField) => ("args" in field ? field.args : []);

describe("descriptions", () => {
  const ours = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  const builtIn = new Set(["String", "Int", "Float", "Boolean", "ID"]);

  test("every type has one", () => {
    expect(ours.filter(({ name, description }) => !description && !builtIn.has(name)).map(({ name }) => name)).toEqual(
      [],
    );
  });

  test("every field and every argument has one", () => {
    const missing = ours.flatMap((type) => {
      if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return [];
      return Object.values(type.getFields()).flatMap((field) => [
        ...(field.description ? [] : [`${type.name}.${field.name}`]),
        ...argumentsOf(field)
          .filter((arg) => !arg.description)
          .map((arg) => `${type.name}.${field.name}(${arg.name})`),
      ]);
    });
    expect(missing).toEqual([]);
  });

  test("every value of our enums has one", () => {
    const enums = ours.filter((type) => isEnumType(type)).filter(({ name }) => !name.startsWith("OrderShipped"));
    expect(
      enums.flatMap((type) =>
        type
          .getValues()
          .filter((value) => !value.description)
          .map((value) => `${type.name}.${value.name}`),
      ),
    ).toEqual([]);
  });
});

describe("failures", () => {
  test("every one of a result is an Error", () => {
    const results = Object.values(schema.getMutationType()!.getFields()).map((field: GraphQLField<unknown, unknown>) =>
      getNamedType(field.type),
    );
    for (const result of results) {
      const types = schema.getPossibleTypes(result as never);
      expect(types.filter(({ name }) => name.endsWith("Success"))).toHaveLength(1);
      const failures = types.filter(({ name }) => !name.endsWith("Success"));
      expect(failures.every((type) => type.getInterfaces().some(({ name }) => name === "Error"))).toBe(true);
    }
  });

  test("mutations are nullable: one surprise does not take the others' results along", () => {
    expect(
      Object.values(schema.getMutationType()!.getFields()).filter(({ type }) => String(type).endsWith("!")),
    ).toEqual([]);
  });
});

test("every root field needs a scope", () => {
  const roots = [schema.getQueryType()!, schema.getMutationType()!].flatMap((type) => Object.values(type.getFields()));
  expect(
    roots
      .filter(({ extensions }) => !(extensions.pothosOptions as { authScopes?: object }).authScopes)
      .map(({ name }) => name),
  ).toEqual([]);
});

test("the operations of the product contract are valid", () => {
  const projectSchema = buildSchema(registryFor(project, users));
  const document = parse(readFileSync(new URL("./fixtures/contract.graphql", import.meta.url), "utf8"));
  expect(validate(projectSchema, document)).toEqual([]);
});

describe("printing", () => {
  test("does not depend on the order of the workflows", () => {
    const reversed = Object.fromEntries(Object.entries(fixtures).toReversed());
    expect(printSdl(registryFor(reversed))).toBe(printSdl(registry));
  });

  test("the committed schema.graphql is that of the project (npm run schema writes it)", () => {
    const committed = readFileSync(new URL("../../src/api/graphql/schema.graphql", import.meta.url), "utf8");
    expect(printSdl(registryFor(project, users))).toBe(committed);
  });
});

test("there is a schema without workflows, and no typed notify in it", () => {
  const { notify, notifyDynamic } = buildSchema(new Map()).getMutationType()!.getFields();
  expect([notify, notifyDynamic?.name]).toEqual([undefined, "notifyDynamic"]);
});

test("the schema of 500 workflows is built within half a second", () => {
  const data = z.object(
    Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`field_${index}`, index % 2 ? z.string() : z.int32().optional()]),
    ),
  );
  const many: WorkflowModule = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [
      `w${index}`,
      workflow(`workflow-${index}`, { data }).inApp("feed", { body: "x" }),
    ]),
  );
  const large = registryFor(many);
  const times = Array.from({ length: 3 }, () => {
    const elapsed = stopwatch();
    buildSchema(large);
    return elapsed();
  });
  const best = Math.min(...times);
  process.stdout.write(`schema of 500 workflows: ${best.toFixed(0)} ms\n`);
  // Other tests share these two cores; the time of the best of three is what the work costs.
  expect(best).toBeLessThan(500);
});
