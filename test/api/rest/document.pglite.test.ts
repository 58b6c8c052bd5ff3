// The OpenAPI document and the matrix in the docs: made of the routes, and complete.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { operations } from "../../../scripts/rest-matrix.ts";
import { withMatrix } from "../../../scripts/rest-docs.ts";
import { openApiDocument } from "../../../src/api/rest/openapi.ts";
import { routes } from "../../../src/api/rest/routes.ts";

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: object;
}

interface Operation {
  operationId: string;
  parameters: Parameter[];
  requestBody?: {
    content: Record<
      "application/json",
      { schema: { properties: Record<string, { description?: string }> }; example?: object }
    >;
  };
  responses: Record<string, { description: string; content?: object }>;
  security: Record<string, string[]>[];
}

const document = JSON.parse(JSON.stringify(openApiDocument(routes))) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
};

const all = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

function refsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === "$ref" && typeof member === "string" ? [member] : refsIn(member),
  );
}

test("every route is in the document, once and by its own name", () => {
  expect(all.map(({ path, method }) => `${method.toUpperCase()} ${path}`).toSorted()).toEqual(
    routes.map(({ path, method }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`).toSorted(),
  );
  const names = all.map(({ operation }) => operation.operationId);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("every reference leads somewhere, and every schema is used", () => {
  const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  const used = new Set(refsIn(document));
  expect([...used].filter((ref) => !known.includes(ref))).toEqual([]);
  expect(known.filter((ref) => !used.has(ref))).toEqual([]);
});

test.each(all.map(({ path, method, operation }) => [`${method} ${path}`, path, operation] as const))(
  "%s says all that OpenAPI wants",
  (_name, path, { parameters, responses, security }) => {
    const inPath = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    const places = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(new Set(places).size).toBe(places.length);
    expect(Object.keys(responses).some((status) => /^2\d\d$/.test(status))).toBe(true);
    expect(responses["default"]).toBeDefined();
    const schemes = security.flatMap((one) => Object.keys(one));
    expect(schemes.filter((name) => !(name in document.components.securitySchemes))).toEqual([]);
  },
);

test("examples are bodies that their routes take, and calls say what their members mean", () => {
  const shown = routes.filter(({ example }) => example !== undefined);
  expect(shown.length).toBeGreaterThan(5);
  expect(
    shown.filter(({ body, example }) => !body?.safeParse(example).success).map(({ operation }) => operation),
  ).toEqual([]);
  const { parameters, requestBody } = document.paths["/v1/workflows/{key}/trigger"]!["post"]!;
  expect(parameters.map(({ in: place, name }) => `${place} ${name}`)).toEqual(["path key", "header idempotency-key"]);
  const { schema, example } = requestBody!.content["application/json"];
  expect(example).toMatchObject({ actor: "user_3" });
  expect(Object.entries(schema.properties).filter(([, { description }]) => description === undefined)).toEqual([]);
});

test("the matrix in the docs is up to date: npm run rest-docs", () => {
  const text = readFileSync("docs/rest.md", "utf8");
  expect(withMatrix(text)).toBe(text);
});

test("the clients are read whole, and all that is missing is known", () => {
  const found = operations();
  const calledBy = (client: string) => found.filter(({ clients }) => clients.includes(client)).length;
  expect(
    [calledBy("0.4"), calledBy("0.6"), calledBy("1.x"), calledBy("feed client")].map((count) => count > 15),
  ).toEqual([true, true, true, true]);
  const missing = found.filter(({ state }) => state === "missing").map(({ method, path }) => `${method} ${path}`);
  expect(missing).toEqual([]);
});
