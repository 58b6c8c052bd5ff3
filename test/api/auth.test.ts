import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Scope, scopes } from "../../src/api/auth/identity.ts";
import { newId } from "../../src/base/ids.ts";
import { insertApiKey, revokeApiKey } from "../../src/store/api-keys.ts";
import type { Database } from "../../src/store/database.ts";
import { drive, START } from "../support/engine.ts";
import { testDatabase } from "../support/database.ts";
import { type Api, apiOf, postJson } from "../support/graphql.ts";
import { ping } from "./fixtures/workflows.ts";

let database: Database;
let api: Api;

async function keyWith(...held: string[]): Promise<{ id: string; bearer: Record<string, string> }> {
  const id = newId(START);
  const secret = `sk_${id.replaceAll("-", "")}`;
  const hash = createHash("sha256").update(secret).digest("hex");
  await insertApiKey(database.db, {
    id,
    name: "test",
    prefix: secret.slice(0, 9),
    hash,
    scopes: held,
    createdAt: START,
  });
  return { id, bearer: { authorization: `Bearer ${secret}` } };
}

beforeAll(async () => {
  database = await testDatabase();
  const { knock } = await drive({ database, handles: [ping] });
  api = apiOf(knock.engine, { auth: true });
});

const READ = "{ workflows { key } }";

describe("who calls", () => {
  test.each<[string, Record<string, string>, string]>([
    ["no key", {}, "The request carries no key."],
    ["an empty header", { authorization: "" }, "The Authorization header holds no key."],
    ["a user token alone", { "x-knock-user-token": "eyJh.eyJz.c2ln" }, "A user token needs a public key."],
    [
      "a user token as a key",
      { authorization: "Bearer eyJh.eyJz.c2ln" },
      "The Authorization header holds a user token, and no key.",
    ],
    ["another scheme", { authorization: "Basic c2VjcmV0" }, "The Authorization header holds no key."],
    [
      "an unknown public key",
      { authorization: "Bearer pk_0123456789abcdef0123" },
      "The key is not known, or it was revoked.",
    ],
    ["an unknown key", { authorization: "Bearer sk_0123456789abcdef0123" }, "The key is not known, or it was revoked."],
    ["a huge header", { authorization: `Bearer sk_${"x".repeat(5_000)}` }, "The Authorization header holds no key."],
  ])("%s is 401", async (_name, headers, message) => {
    const { status, headers: answered, data, errors, text } = await api.send(READ, {}, headers);
    expect(status).toBe(401);
    expect(answered.get("www-authenticate")).toBe('Bearer realm="knock"');
    expect(data).toBeUndefined();
    expect(errors).toEqual([
      {
        message,
        extensions: {
          code: "UNAUTHENTICATED",
          hint: expect.stringContaining("knock keys create"),
          details: expect.any(Object),
        },
      },
    ]);
    expect(text).not.toContain("sk_0123");
  });

  test("401 is also for clients that accept only application/json", async () => {
    const response = await api.handle(postJson({ query: READ }, { accept: "application/json" }));
    expect(response.status).toBe(401);
  });

  test("a revoked key is 401 from then on", async () => {
    const { id, bearer } = await keyWith("read");
    expect((await api.send(READ, {}, bearer)).status).toBe(200);
    await revokeApiKey(database.db, id, START);
    expect((await api.send(READ, {}, bearer)).errors[0]!.extensions.code).toBe("UNAUTHENTICATED");
  });

  test("strangers learn nothing of the schema", async () => {
    for (const query of [
      "{ __schema { types { name } } }",
      "{ nothing }",
      "{ syntax error",
      "mutation { notify(input: { workflow: 5 }) { x } }",
    ]) {
      const { status, errors } = await api.send(query);
      expect({ status, codes: errors.map(({ extensions }) => extensions.code) }).toEqual({
        status: 401,
        codes: ["UNAUTHENTICATED"],
      });
    }
  });
});

describe("what a key may do", () => {
  const operations: Record<Scope, string> = {
    notify: 'mutation { cancelNotifications(cancellationKey: "c") { __typename } }',
    read: READ,
    write: 'mutation { upsertUser(input: { id: "u" }) { __typename } }',
    deploy: "{ missingArtifacts(hashes: []) }",
    admin: 'mutation { setWorkflowStatus(workflow: "ping", status: ACTIVE) { __typename } }',
  };

  test.each(scopes)("%s allows its own and nothing else, but for admin, which does not deploy", async (held) => {
    const { bearer } = await keyWith(held);
    for (const needed of scopes) {
      const { status, errors } = await api.send(operations[needed], {}, bearer);
      if (held === needed || (held === "admin" && needed !== "deploy"))
        expect({ status, errors }).toEqual({ status: 200, errors: [] });
      else {
        expect(status).toBe(403);
        expect(errors[0]).toMatchObject({
          message: `The key lacks the scope "${needed}".`,
          extensions: { code: "FORBIDDEN", hint: expect.stringContaining(`--scope ${needed}`) },
        });
      }
    }
  });

  test("a key for notify alone cannot read what became of its notification", async () => {
    const { bearer } = await keyWith("notify");
    const notify = (fields: string) => `mutation { notify(input: { workflow: { ping: {} }, recipients: ["u"] }) {
      ... on NotifySuccess { notification { ${fields} } } } }`;
    expect(await api.send(notify("id status workflow createdAt"), {}, bearer)).toMatchObject({
      status: 200,
      errors: [],
    });
    for (const field of [
      "counts { total }",
      "runs { edges { cursor } }",
      "data",
      "actor { id }",
      "warnings { code }",
    ]) {
      expect((await api.send(notify(field), {}, bearer)).errors[0]!.extensions.code).toBe("FORBIDDEN");
    }
  });

  test("a call that is forbidden for a field of its answer is not made", async () => {
    const { bearer } = await keyWith("notify");
    const reader = (await keyWith("read")).bearer;
    const count = async () => {
      const query = "{ notifications(first: 100) { edges { cursor } } }";
      return (await api.ask<{ notifications: { edges: object[] } }>(query, {}, reader)).notifications.edges.length;
    };
    const before = await count();
    const call = 'notify(input: { workflow: { ping: {} }, recipients: ["u"], idempotencyKey: "scopes" })';
    const node = (fields: string) => `... on NotifySuccess { notification { id ${fields} } }`;
    const asking: [string, object][] = [
      [`mutation { ${call} { ${node("data")} } }`, {}],
      [
        `mutation { ${call} { ...a ...a } } fragment a on NotifyResult { ...b }
         fragment b on NotifySuccess { notification { ... { runs { edges { cursor } } } } }`,
        {},
      ],
      [`mutation ($all: Boolean!) { ${call} { ${node("data @include(if: $all)")} } }`, { all: true }],
      [`mutation ($few: Boolean = false) { ${call} { ${node("data @skip(if: $few)")} } }`, {}],
      [`mutation { ${call} { ${node("")} } upsertUser(input: { id: "u" }) { __typename } }`, {}],
    ];
    for (const [query, variables] of asking) {
      const { status, errors, data } = await api.send(query, variables, bearer);
      expect({ status, data, codes: errors.map(({ extensions }) => extensions.code) }).toEqual({
        status: 403,
        data: undefined,
        codes: ["FORBIDDEN"],
      });
    }
    expect(await count()).toBe(before);
    const left = `mutation ($all: Boolean!) { ${call} { __typename ${node("data @include(if: $all)")} } }`;
    expect(await api.ask(left, { all: false }, bearer)).toMatchObject({ notify: { __typename: "NotifySuccess" } });
  });

  test("several scopes, and none", async () => {
    const both = await keyWith("notify", "write");
    expect((await api.send(operations.notify, {}, both.bearer)).status).toBe(200);
    expect((await api.send(operations.write, {}, both.bearer)).status).toBe(200);
    const none = await keyWith();
    expect((await api.send(operations.read, {}, none.bearer)).status).toBe(403);
  });

  test("nothing is stored by a call that is forbidden", async () => {
    const { bearer } = await keyWith("read");
    await api.send('mutation { upsertUser(input: { id: "forbidden" }) { __typename } }', {}, bearer);
    expect((await api.send('{ user(id: "forbidden") { id } }', {}, bearer)).data).toEqual({ user: null });
  });
});
