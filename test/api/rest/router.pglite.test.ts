import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Logger } from "../../../src/base/logger.ts";
import { newId } from "../../../src/base/ids.ts";
import { route, type Route } from "../../../src/api/rest/route.ts";
import { createTokenKeys } from "../../../src/engine/viewer/keys.ts";
import { signUserToken } from "../../../src/engine/viewer/sign-user-token.ts";
import { insertApiKey } from "../../../src/store/api-keys.ts";
import type { Database } from "../../../src/store/database.ts";
import { drive, type Driven, START } from "../../support/engine.ts";
import { testDatabase } from "../../support/database.ts";
import { type Rest, restOf } from "../../support/rest.ts";

const echo = (method: Route["method"], path: string, more: Partial<Route> = {}): Route =>
  route({
    method,
    path,
    operation: `${method} ${path}`,
    summary: "",
    scope: "read",
    responses: { 200: z.looseObject({}) },
    handle: async ({ params, query, body }) => ({ status: 200, body: { path, params, query, body } }),
    ...more,
  });

const query = z.object({
  status: z.array(z.string()).optional(),
  objects: z.array(z.object({ collection: z.string(), id: z.string() })).optional(),
  trigger_data: z.record(z.string(), z.unknown()).optional(),
  inserted_at: z.object({ gt: z.string() }).optional(),
  size: z.int().optional(),
  flag: z.boolean().optional(),
});

const routes = [
  echo("GET", "/v1/things/:id", { query }),
  echo("DELETE", "/v1/things/:id", { scope: "write", body: z.object({ n: z.number().optional() }) }),
  echo("POST", "/v1/things/bulk/do", { scope: "notify" }),
  echo("POST", "/v1/things/:id/:verb", { scope: "notify" }),
  echo("GET", "/v1/users/:user_id/own", { viewer: "user" }),
  echo("GET", "/v1/own", { viewer: "messages" }),
  echo("GET", "/v1/broken", {
    handle: () => Promise.reject(new Error("the password is 123")),
  }),
];

const { publicKey, privateKey } = createTokenKeys();
let database: Database;
let driven: Driven;
let open: Rest;
beforeAll(async () => {
  database = await testDatabase();
  driven = await drive({ database, endUsers: { publicKeys: [publicKey] } });
  open = restOf(driven.knock, { routes });
});

interface Echo {
  path: string;
  params: object;
  query: object;
  body: unknown;
}

const at = async (path: string) => (await open.get<Echo>(path)).body;

describe("a path", () => {
  test("is decoded, and fixed words come before parameters", async () => {
    expect((await at("/v1/things/a%2Fb%20%C3%A9")).params).toEqual({ id: "a/b é" });
    expect((await open.post<Echo>("/v1/things/bulk/do")).body.path).toBe("/v1/things/bulk/do");
    expect((await open.post<Echo>("/v1/things/bulk/other")).body.params).toEqual({ id: "bulk", verb: "other" });
  });

  test.each<[string, string, number, string]>([
    ["GET", "/v1/nowhere", 404, "not_found"],
    ["GET", "/v1", 404, "not_found"],
    ["GET", "/v1/things/%ff", 404, "not_found"],
    ["PUT", "/v1/things/7", 405, "method_not_allowed"],
    ["GET", "/v1/things/%00", 422, "invalid_params"],
    ["POST", "/v1/integrations/census/custom-destination", 501, "not_implemented"],
    ["POST", "/v1/integrations/hightouch/embedded-destination", 501, "not_implemented"],
    ["GET", "/v1/users/ada/guides/x", 501, "not_implemented"],
    ["GET", "/v1/providers/slack/x/channels", 501, "not_implemented"],
    ["GET", "/v1/providers/ms-teams/x/teams", 501, "not_implemented"],
  ])("%s %s answers %i in the envelope", async (method, path, status, code) => {
    const answer = await open.call(method, path);
    expect([answer.status, answer.body]).toMatchObject([
      status,
      { code, status, message: expect.any(String), type: status === 501 ? "api_error" : "invalid_request_error" },
    ]);
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("a query", () => {
  test.each<[string, object]>([
    ["status[]=a&status[]=b", { status: ["a", "b"] }],
    ["status=a", { status: ["a"] }],
    ['status=["a","b"]', { status: ["a", "b"] }],
    ["objects[0][collection]=c&objects[0][id]=1", { objects: [{ collection: "c", id: "1" }] }],
    ["trigger_data[a]=1", { trigger_data: { a: "1" } }],
    ['trigger_data={"a":1}', { trigger_data: { a: 1 } }],
    ["inserted_at.gt=2026", { inserted_at: { gt: "2026" } }],
    ["size=7&flag=true", { size: 7, flag: true }],
    [
      Array.from({ length: 60 }, (_, index) => `status[]=${index}`).join("&"),
      { status: Array.from({ length: 60 }, (_, index) => `${index}`) },
    ],
  ])("%s is read as the schema wants it", async (text, wanted) => {
    expect((await at(`/v1/things/7?${text}`)).query).toEqual(wanted);
  });

  test.each(["size=x", "size=", "flag=yes", "trigger_data=x", "objects[0][id]=1"])("%s is refused", async (text) => {
    const { status, body } = await open.get(`/v1/things/7?${text}`);
    expect([status, body]).toMatchObject([422, { code: "invalid_params", errors: [{ field: expect.any(String) }] }]);
  });

  test("of too many parameters is refused", async () => {
    const many = Array.from({ length: 2_000 }, (_, index) => `a${index}=1`).join("&");
    expect((await open.get(`/v1/things/7?${many}`)).status).toBe(422);
  });
});

test("a body is read on DELETE too; what is no JSON is 400", async () => {
  expect((await open.delete<Echo>("/v1/things/7", { n: 1 })).body.body).toEqual({ n: 1 });
  expect((await open.delete<Echo>("/v1/things/7")).body.body).toEqual({});
  expect((await open.delete("/v1/things/7", "{")).body).toMatchObject({ status: 400, code: "invalid_params" });
  expect((await open.delete("/v1/things/7", { n: "1" })).body).toMatchObject({ status: 422, errors: [{ field: "n" }] });
});

test("what nobody expected is logged and stays inside", async () => {
  const logged: object[] = [];
  const logger: Logger = {
    ...driven.knock.engine.context.logger,
    error: (_message, details) => void logged.push(details ?? {}),
  };
  const { engine } = driven.knock;
  const rest = restOf({ engine: { ...engine, context: { ...engine.context, logger } } }, { routes });
  const { status, body } = await rest.get<Record<string, string>>("/v1/broken");
  expect([status, body["code"]]).toEqual([500, "internal_error"]);
  expect(JSON.stringify(body)).not.toContain("password");
  expect(logged).toMatchObject([{ error: { message: "the password is 123" } }]);
  expect(body["message"]).toContain((logged[0] as { incident: string }).incident);
});

describe("a caller", () => {
  let rest: Rest;
  let tokens: Record<string, string>;

  async function keyOf(kind: "secret" | "public", scopes: string[]): Promise<string> {
    const id = newId(START);
    const secret = `${kind === "secret" ? "sk" : "pk"}_${id.replaceAll("-", "")}`;
    const hash = createHash("sha256").update(secret).digest("hex");
    await insertApiKey(database.db, { id, name: "test", prefix: "x", hash, scopes, kind, createdAt: START });
    return `Bearer ${secret}`;
  }

  beforeAll(async () => {
    rest = restOf(driven.knock, { routes, auth: true });
    tokens = {
      read: await keyOf("secret", ["read"]),
      write: await keyOf("secret", ["write"]),
      notify: await keyOf("secret", ["notify"]),
      admin: await keyOf("secret", ["admin"]),
      public: await keyOf("public", []),
    };
  });

  const statusOf = async (method: string, path: string, headers: Record<string, string>) =>
    (await rest.call(method, path, { headers })).status;

  test("needs the scope of the route", async () => {
    const statuses = await Promise.all(
      ["read", "write", "notify", "admin"].map(async (name) => {
        const headers = { authorization: tokens[name]! };
        return [
          await statusOf("GET", "/v1/things/7", headers),
          await statusOf("DELETE", "/v1/things/7", headers),
          await statusOf("POST", "/v1/things/bulk/do", headers),
        ];
      }),
    );
    expect(statuses).toEqual([
      [200, 403, 403],
      [403, 200, 403],
      [403, 403, 200],
      [200, 200, 200],
    ]);
    expect(await statusOf("GET", "/v1/things/7", {})).toBe(401);
    expect(await statusOf("GET", "/v1/nowhere", {})).toBe(401);
    expect(await statusOf("GET", "/v1/openapi.json", {})).toBe(200);
  });

  test("who is a person reaches what is the person's own", async () => {
    const headers = {
      authorization: tokens["public"]!,
      "x-knock-user-token": await signUserToken({ userId: "ada", privateKey, now: START }),
    };
    const paths = ["/v1/users/ada/own", "/v1/own", "/v1/users/bob/own", "/v1/things/7", "/v1/broken"];
    expect(await Promise.all(paths.map((path) => statusOf("GET", path, headers)))).toEqual([200, 200, 403, 403, 403]);
    const { "x-knock-user-token": _token, ...keyAlone } = headers;
    const refused = await rest.get("/v1/own", keyAlone);
    expect([refused.status, refused.body]).toMatchObject([
      401,
      { code: "invalid_user_token", type: "authentication_error" },
    ]);
  });
});

test("a person limited to tenants reaches preferences of these alone, in every place", async () => {
  const real = restOf(driven.knock);
  const token = await signUserToken({ userId: "ada", privateKey, now: START, tenants: ["acme"] });
  const headers = { "x-knock-user-token": token };
  const set = { channel_types: { email: false } };
  const status = async (method: string, path: string, body?: object) =>
    (await real.call(method, path, { headers, ...(body && { body }) })).status;
  await real.put("/v1/users/ada/preferences/other", set);
  expect(await status("PUT", "/v1/users/ada/preferences/acme", set)).toBe(200);
  expect(await status("PUT", "/v1/users/ada/preferences/default", set)).toBe(200);
  expect(await status("PUT", "/v1/users/ada/preferences/other", set)).toBe(403);
  expect(await status("GET", "/v1/users/ada/preferences/other")).toBe(403);
  expect(await status("DELETE", "/v1/users/ada/preferences/other")).toBe(403);
  expect(await status("GET", "/v1/users/ada/preferences/default?tenant=other")).toBe(403);
  expect(await status("PUT", "/v1/users/ada/preferences/other/workflows", {})).toBe(403);
  expect(await status("PUT", "/v1/users/ada", { preferences: { other: set } })).toBe(403);
  const { body } = await real.get<{ id: string }[]>("/v1/users/ada/preferences", headers);
  expect(body.map(({ id }) => id)).toEqual(["default", "acme"]);
});
