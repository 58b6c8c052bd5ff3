// The OpenAPI document of the surface, made of the same table and the same schemas that answer.
import { z } from "zod";
import type { Route } from "./route.ts";
import { shapes } from "./shapes/shape.ts";
import { refusalShape } from "./shapes/refusal.ts";

type Schema = Record<string, unknown>;

const COMPONENTS = "#/components/schemas/";

/** Makes schemas of the document, and gathers those that have a name. */
function schemaMaker() {
  const named: Record<string, Schema> = {};

  function moved(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) =>
        name === "$ref" && typeof member === "string"
          ? [name, member.replace(/^#\/\$defs\//, COMPONENTS)]
          : [name, moved(member)],
      ),
    );
  }

  function make(schema: z.ZodType, io: "input" | "output"): Schema {
    const json = z.toJSONSchema(schema, { io, metadata: shapes, unrepresentable: "any" });
    const { $schema: _version, $defs = {}, ...own } = json as Schema & { $defs?: Record<string, Schema> };
    for (const [name, definition] of Object.entries($defs)) named[name] = moved(definition) as Schema;
    return moved(own) as Schema;
  }

  return { make, named };
}

type Maker = ReturnType<typeof schemaMaker>["make"];

const content = (schema: Schema, example?: unknown) => ({
  "application/json": { schema, ...(example !== undefined && { example }) },
});

const idempotencyKey = {
  name: "idempotency-key",
  in: "header",
  required: false,
  description: "The same call with the same key happens once; repetitions are answered as the first one was.",
  schema: { type: "string", maxLength: 255 },
};

function parametersOf({ path, params, query, takesKey }: Route, make: Maker) {
  const given = params ? (make(params, "input")["properties"] as Record<string, Schema>) : {};
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: given[name!] ?? { type: "string" },
  }));
  const { properties = {}, required = [] } = (query ? make(query, "input") : {}) as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name: schema["type"] === "array" ? `${name}[]` : name,
    in: "query",
    required: required.includes(name),
    ...(schema["type"] === "object" && { style: "deepObject", explode: true }),
    schema,
  }));
  return [...inPath, ...inQuery, ...(takesKey ? [idempotencyKey] : [])];
}

function operationOf(route: Route, make: Maker, refusal: Schema) {
  const answers = Object.entries(route.responses).map(([status, schema]) => [
    status,
    schema
      ? { description: "What was asked for.", content: content(make(schema, "output")) }
      : { description: "Done; the body is empty." },
  ]);
  return {
    operationId: route.operation,
    summary: route.summary,
    tags: [route.operation.split(".")[0]],
    parameters: parametersOf(route, make),
    ...(route.body && {
      requestBody: {
        required: route.method !== "DELETE",
        content: content(make(route.body, "input"), route.example),
      },
    }),
    responses: { ...Object.fromEntries(answers), default: { description: REFUSED, content: content(refusal) } },
    security: route.viewer ? [{ secretKey: [] }, { publicKey: [], userToken: [] }] : [{ secretKey: [] }],
    "x-scope": route.scope,
  };
}

const REFUSED = "A refusal: `code` and `message` say why, and with 422 `errors` says where.";

const securitySchemes = {
  secretKey: { type: "http", scheme: "bearer", description: "`Authorization: Bearer sk_…`, from servers." },
  publicKey: { type: "http", scheme: "bearer", description: "`Authorization: Bearer pk_…`, from browsers and phones." },
  userToken: { type: "apiKey", in: "header", name: "x-knock-user-token", description: "Who the person is, signed." },
};

/** The OpenAPI 3.1 document of routes. */
export function openApiDocument(routes: readonly Route[]) {
  const { make, named } = schemaMaker();
  const refusal = make(refusalShape, "output");
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route, make, refusal);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "knock over REST",
      version: "1",
      description:
        "For clients of the hosted product; docs/rest.md says what differs. New programs use GraphQL. Servers show a secret key with the scope that `x-scope` names. People show a public key and a user token where `security` names it, and reach what is their own. Every answer has `x-request-id`.",
    },
    paths,
    components: { schemas: named, securitySchemes },
  };
}
