// What a request meets before it is answered: limits, forms that are refused, errors that are masked.
import { beforeAll, describe, expect, test } from "vitest";
import { limits } from "../../src/api/graphql/limits.ts";
import type { Logger } from "../../src/base/logger.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { drive } from "../support/engine.ts";
import { testDatabase } from "../support/database.ts";
import { type Api, apiOf, postJson } from "../support/graphql.ts";
import { orderShipped, ping, threadReplied } from "./fixtures/workflows.ts";

let engine: Engine;
let api: Api;

beforeAll(async () => {
  ({ engine } = (await drive({ database: await testDatabase(), handles: [threadReplied, orderShipped, ping] })).knock);
  api = apiOf(engine);
});

describe("limits", () => {
  test("tokens", async () => {
    const { status, errors } = await api.send(`{ ${"a ".repeat(limits.tokens)} }`);
    expect({ status, code: errors[0]!.extensions.code }).toEqual({ status: 400, code: "GRAPHQL_PARSE_FAILED" });
  });

  test("aliases", async () => {
    const aliased = (count: number) =>
      `{ ${Array.from({ length: count }, (_, index) => `a${index}: workflows { key }`).join(" ")} }`;
    expect((await api.send(aliased(limits.aliases))).errors).toEqual([]);
    const { status, errors } = await api.send(aliased(limits.aliases + 20));
    expect({ status, codes: errors.map(({ extensions }) => extensions.code) }).toEqual({
      status: 400,
      codes: ["TOO_MANY_ALIASES"],
    });
  });

  const deep = (levels: number, leaf = "id") =>
    `${"notification { runs { edges { node { ".repeat(levels)}${leaf}${" } } } }".repeat(levels)}`;
  test.each([
    ["in the document", `{ messages { edges { node { ${deep(3)} } } } }`],
    [
      "through fragments",
      `{ messages { edges { node { ...A } } } } fragment A on Message { ...B } fragment B on Message { ${deep(3)} }`,
    ],
    ["in fragments on the spot", `{ messages { edges { node { ... on Message { ${deep(3)} } } } } }`],
  ])("depth %s", async (_name, document) => {
    const { status, errors } = await api.send(document);
    expect({ status, codes: errors.map(({ extensions }) => extensions.code) }).toEqual({
      status: 400,
      codes: ["TOO_DEEP"],
    });
  });

  test("a fragment that contains itself is refused and ends", async () => {
    const { status } = await api.send(
      "{ messages { edges { node { ...A } } } } fragment A on Message { ...B } fragment B on Message { ...A id }",
    );
    expect(status).toBe(400);
  });

  test("fragments that double at each level are looked at once each", async () => {
    const doubling = Array.from(
      { length: 40 },
      (_, index) => `fragment F${index} on Message { ...F${index + 1} ...F${index + 1} }`,
    );
    const { errors } = await api.send(
      `{ messages { edges { node { ...F0 } } } } ${doubling.join(" ")} fragment F40 on Message { id }`,
    );
    expect(errors).toEqual([]);
  });

  const nested = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels);
  test.each([
    ["selections", `{ ${nested("a { ", "} ", 4_900)} }`],
    ["a list", `{ user(id: ${nested("[", "]", 9_900)}) { id } }`],
    [
      "an object",
      `mutation { notifyDynamic(input: { workflow: "ping", data: ${nested("{ a: ", "}", 4_900).replace("a: }", "a: 1 }")} }) { __typename } }`,
    ],
  ])("%s that nest as deeply as the tokens allow", async (_name, document) => {
    const { status, errors } = await api.send(document);
    expect(status).toBe(400);
    expect(["TOO_DEEP", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"]).toContain(
      errors[0]!.extensions.code,
    );
  });

  test("values that nest as deeply as a body allows", async () => {
    const query = "mutation ($input: NotifyDynamicInput!) { notifyDynamic(input: $input) { __typename } }";
    const body = `{"query":${JSON.stringify(query)},"variables":{"input":{"workflow":"ping","recipients":["u"],"data":${nested('{"a":', "}", 100_000).replace(":}", ":1}")}}}}`;
    const response = await api.handle(postJson(body));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: "BAD_USER_INPUT", issues: [{ path: "input.data", code: "too_deep" }] } }],
    });
  });

  test("introspection of a client is not too deep", async () => {
    const { getIntrospectionQuery } = await import("graphql");
    expect((await api.send(getIntrospectionQuery({ oneOf: true, inputValueDeprecation: true }))).errors).toEqual([]);
  });

  test("the calls of one request", async () => {
    const query = "mutation ($inputs: [NotifyDynamicInput!]!) { notifyManyDynamic(inputs: $inputs) { __typename } }";
    const inputs = Array.from({ length: limits.batch + 1 }, () => ({ workflow: "ping", recipients: ["u"] }));
    expect((await api.send(query, { inputs })).errors[0]!.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      issues: [{ path: "inputs", code: "too_big" }],
    });
  });

  test("many problems are not all reported", async () => {
    const { errors } = await api.send(`{ ${Array.from({ length: 500 }, (_, index) => `no${index}`).join(" ")} }`);
    expect(errors.length).toBeLessThanOrEqual(limits.errors + 1);
  });
});

describe("forms of requests", () => {
  test.each(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""])(
    "%s is refused",
    async (type) => {
      const mutation = 'query=mutation { upsertUser(input: { id: "form" }) { __typename } }';
      const response = await api.handle(
        new Request("http://localhost/graphql", {
          method: "POST",
          body: new TextEncoder().encode(mutation),
          headers: type ? { "content-type": type } : {},
        }),
      );
      expect(response.status).toBe(415);
      expect((await api.send('{ user(id: "form") { id } }')).data).toEqual({ user: null });
    },
  );

  test("a mutation does not come by GET", async () => {
    const url = `http://localhost/graphql?query=${encodeURIComponent('mutation { deleteUser(id: "u") { __typename } }')}`;
    expect((await api.handle(new Request(url))).status).toBe(405);
  });

  test("several operations in one request are refused", async () => {
    expect((await api.handle(postJson([{ query: "{ workflows { key } }" }]))).status).toBe(400);
  });

  test("no answer allows pages of other sites to read it", async () => {
    const response = await api.handle(postJson({ query: "{ workflows { key } }" }, { origin: "https://evil.example" }));
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  test.each(["", "{", "null", "5", '"x"', '{"query":5}', '{"query":"{ workflows { key } }","variables":[]}', "{}"])(
    "the body %s is an error of the caller",
    async (body) => {
      const { status } = await api.handle(postJson(body));
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    },
  );
});

test("a body that is no JSON is not repeated", async () => {
  const response = await api.handle(postJson('{"query": hunter2'));
  expect(response.status).toBe(400);
  expect(await response.text()).not.toContain("hunter2");
});

describe("what nobody expected", () => {
  const failing = (thrown: unknown): Engine => ({
    ...engine,
    notify: () => Promise.reject(thrown),
    cancel: () => Promise.reject(thrown),
  });
  const logged: { message: string; fields: Record<string, unknown> | undefined }[] = [];
  const logger: Logger = { info() {}, warn() {}, error: (message, fields) => void logged.push({ message, fields }) };
  const NOTIFY = 'mutation { notify(input: { workflow: { ping: {} }, recipients: ["u"] }) { __typename } }';

  test("is masked with an incident, and logged once with its cause", async () => {
    logged.length = 0;
    const cause = new Error("relation users: password hunter2");
    const { status, data, errors, text } = await apiOf(failing(cause), { logger }).send(NOTIFY);
    expect({ status, data }).toEqual({ status: 200, data: { notify: null } });
    expect(logged).toHaveLength(1);
    const incident = String(logged[0]!.fields!.incident);
    expect(logged[0]!.fields!.error).toBe(cause);
    expect(errors).toMatchObject([
      {
        path: ["notify"],
        message: `Something went wrong on our side (incident ${incident}).`,
        extensions: { code: "INTERNAL", hint: expect.stringContaining(incident) },
      },
    ]);
    expect(text).not.toMatch(/hunter2|relation|stack/);
  });

  test.each([
    ["a text", "hunter2"],
    ["nothing", undefined],
    ["an object", { secret: "hunter2" }],
  ])("is masked when %s is thrown", async (_name, thrown) => {
    const { errors, text } = await apiOf(failing(thrown), { logger, dev: true }).send(NOTIFY);
    expect(errors[0]!.extensions.code).toBe("INTERNAL");
    expect(text).not.toContain("hunter2");
  });

  test("is one incident when it fails many fields", async () => {
    logged.length = 0;
    const cause = new Error("once");
    const twice = `mutation { a: cancelNotifications(cancellationKey: "c") { __typename } b: cancelNotifications(cancellationKey: "c") { __typename } }`;
    const { errors } = await apiOf(failing(cause), { logger }).send(twice);
    expect(errors).toHaveLength(2);
    expect(errors[0]!.message).toBe(errors[1]!.message);
    expect(logged).toHaveLength(1);
  });
});

describe("GraphiQL", () => {
  const open = (handle: Api["handle"]) =>
    handle(new Request("http://localhost/graphql", { headers: { accept: "text/html" } }));

  test("is there in development, and brings everything along", async () => {
    const page = await (await open(apiOf(engine, { dev: true }).handle)).text();
    const elsewhere = [...page.matchAll(/<(?:script|link|img)[^>]+(?:src|href)=["']?(https?:[^"' >]+)/g)].map(
      ([, url]) => url,
    );
    expect(elsewhere).toEqual([]);
    expect(page).toContain("mutation Notify");
  });

  test("begins with a call that works", async () => {
    const { firstQuery } = await import("../../src/api/graphql/graphiql.ts");
    const document = firstQuery(engine.context.registry());
    expect(document).toContain("orderShipped: {");
    expect(await api.ask(document.replace(/query Notifications[^]*/, ""))).toMatchObject({
      notify: { __typename: "NotifySuccess" },
    });
    expect((await api.send(document.replace(/^[^]*?(?=query Notifications)/, ""))).errors).toEqual([]);
  });

  test("is not there in production", async () => {
    expect((await open(api.handle)).headers.get("content-type") ?? "").not.toContain("text/html");
  });
});

test("the schema follows the registry", async () => {
  const driven = await drive({ database: await testDatabase(), handles: [ping] });
  const { ask, send } = apiOf(driven.knock.engine);
  const fields = '{ __type(name: "NotifyWorkflowInput") { inputFields { name } } }';
  expect(await ask(fields)).toEqual({ __type: { inputFields: [{ name: "ping" }] } });
  await driven.knock.reload({ workflows: { ping, threadReplied }, channels: {} });
  expect(await ask(fields)).toEqual({ __type: { inputFields: [{ name: "ping" }, { name: "threadReplied" }] } });
  expect((await send("{ workflows { key version } }")).data).toEqual({
    workflows: [
      { key: "ping", version: 1 },
      { key: "thread_replied", version: 1 },
    ],
  });
});
