// Who reaches what over REST: every route with every kind of caller, and what people learn of others.
import { beforeAll, describe, expect, test } from "vitest";
import type { Route } from "../../../src/api/rest/route.ts";
import { routes } from "../../../src/api/rest/routes.ts";
import type { Database } from "../../../src/store/database.ts";
import { allCallers, type Callers, type Shown } from "../../support/callers.ts";
import { endUsers } from "../../support/viewers.ts";
import { testDatabase } from "../../support/database.ts";
import { type Driven, drive } from "../../support/engine.ts";
import { type Rest, restOf } from "../../support/rest.ts";
import { ping } from "../fixtures/workflows.ts";

/** What people reach of their own, and what they do with their messages. All else is for servers. */
const ofUser = [
  "users.get",
  "users.identify",
  "users.getChannelData",
  "users.setChannelData",
  "users.unsetChannelData",
  "users.listPreferences",
  "users.getPreferences",
  "users.setPreferences",
  "users.unsetPreferences",
  "users.setChannelTypesPreferences",
  "users.setChannelTypePreferences",
  "users.setWorkflowsPreferences",
  "users.setWorkflowPreferences",
  "users.setCategoriesPreferences",
  "users.setCategoryPreferences",
  "users.feeds.listItems",
  "users.feeds.getSettings",
];
const isOfMessages = ({ method, path }: Route): boolean =>
  /^\/v1\/messages\/(:id|batch)\/(un)?(seen|read|archived|interacted)$/.test(path)
    ? method !== "GET"
    : path === "/v1/channels/:id/messages/bulk/:action";

const NO_ID = "0199a3c4-7d2e-7cc1-9d0b-5f0a3e1b2c4d";
const values: Record<string, string> = {
  channel_id: "inApp",
  preference_set_id: "default",
  type: "email",
  action: "seen",
};

/** The address of a route about somebody. */
const pathOf = ({ path }: Route, userId: string): string =>
  path
    .replace(/^(\/v1\/channels|.*\/feeds)\/:id/, "$1/inApp")
    .replaceAll(/:(\w+)/g, (_all, name: string) => (name === "user_id" ? userId : (values[name] ?? NO_ID)));

const scopeOf = ({ method, path }: Route): string => {
  if (method === "GET") return "read";
  return /^\/v1\/(notify|workflows|schedules)\b/.test(path) ? "notify" : "write";
};

let database: Database;
let driven: Driven;
let rest: Rest;
let callers: Callers;
beforeAll(async () => {
  database = await testDatabase();
  driven = await drive({
    database,
    handles: [ping],
    endUsers,
    links: { url: "http://localhost:7300", secrets: ["s".repeat(32)] },
  });
  rest = restOf(driven.knock, { auth: true });
  callers = await allCallers(database);
  await driven.knock.users.upsert({ id: "bob", name: "Bob" });
});

interface Refusal {
  code: string;
  message: string;
}

/** What a call came to. Any answer but a refusal of the caller, or a failure of ours, counts as allowed. */
async function outcome(route: Route, path: string, shown: Shown): Promise<string> {
  const { status, body } = await rest.call<Refusal | null>(route.method, path, { body: {}, headers: { ...shown } });
  if (status !== 401 && status !== 403) return status < 500 ? "allowed" : `${status} ${body?.message}`;
  return `${status} ${body!.code}`;
}

async function outcomes(shown: Shown, userId = "nobody"): Promise<Record<string, string>> {
  const found: [string, string][] = [];
  for (const route of routes) found.push([route.operation, await outcome(route, pathOf(route, userId), shown)]);
  return Object.fromEntries(found);
}

const expected = (say: (route: Route) => string): Record<string, string> =>
  Object.fromEntries(routes.map((route) => [route.operation, say(route)]));

const SERVERS_ONLY = "403 incorrect_token_type";

describe("routes", () => {
  test.each(["notify", "read", "write", "deploy", "admin"] as const)(
    "for a server with the scope %s",
    async (scope) => {
      const say = (route: Route) =>
        scope === scopeOf(route) || scope === "admin" ? "allowed" : "403 insufficient_scope";
      expect(await outcomes(callers.servers[scope])).toEqual(expected(say));
    },
  );

  test.each(["ada", "adaOfA"] as const)("for a person about themselves: %s", async (person) => {
    const say = (route: Route) => (ofUser.includes(route.operation) || isOfMessages(route) ? "allowed" : SERVERS_ONLY);
    expect(await outcomes(callers.people[person], "ada")).toEqual(expected(say));
  });

  test("for a person about somebody else", async () => {
    const say = (route: Route) => (isOfMessages(route) ? "allowed" : SERVERS_ONLY);
    for (const userId of ["bob", "nobody", "Ada", "ada%00", "%23projects%2Fada"])
      expect(await outcomes(callers.people.ada, userId), userId).toEqual(expected(say));
  });

  test("for strangers", async () => {
    for (const [name, [shown]] of Object.entries(callers.strangers)) {
      const withToken = "x-knock-user-token" in shown && "authorization" in shown;
      const code =
        withToken || name === "a public key without a token" ? "invalid_user_token" : "authentication_required";
      expect(await outcomes(shown), name).toEqual(expected(() => `401 ${code}`));
    }
  });

  test("that there are not are not told to strangers either", async () => {
    expect((await rest.get("/v1/nothing")).status).toBe(401);
    expect((await rest.get("/v1/nothing", { ...callers.people.ada })).status).toBe(404);
  });
});

const textOf = async (method: string, path: string, shown: Shown, body?: object): Promise<string> => {
  const answer = await rest.call<unknown>(method, path, { headers: { ...shown }, ...(body && { body }) });
  return JSON.stringify([answer.status, answer.body]);
};

test("whether somebody else exists is not told", async () => {
  for (const route of routes.filter(({ path }) => path.includes(":user_id"))) {
    const about = (userId: string) => textOf(route.method, pathOf(route, userId), callers.people.ada, {});
    expect(await about("bob"), route.operation).toBe(await about("nobody"));
  }
});

describe("messages", () => {
  let foreign: string;
  const feedOf = async (userId: "ada" | "bob") => {
    const { body } = await rest.get<{ entries: { id: string; seen_at: string | null; archived_at: string | null }[] }>(
      `/v1/users/${userId}/feeds/inApp?archived=include`,
      { ...callers.people[userId] },
    );
    return body.entries;
  };
  beforeAll(async () => {
    await driven.knock.notify(ping, { recipients: ["ada", "bob"], data: {} });
    await driven.settle();
    foreign = (await feedOf("bob"))[0]!.id;
  });

  test("of others are as messages that do not exist, one by one and together", async () => {
    const { ada } = callers.people;
    for (const { method, path, operation } of routes.filter(isOfMessages)) {
      const about = (id: string) =>
        path.includes("/batch/")
          ? textOf(method, path, ada, { message_ids: [id] })
          : textOf(method, path.replace(":id", id), ada, {});
      if (path.startsWith("/v1/messages")) expect(await about(foreign), operation).toBe(await about(NO_ID));
    }
    expect(await feedOf("bob")).toMatchObject([{ id: foreign, seen_at: null, archived_at: null }]);
  });

  test("of others are not reached by naming them in bulk", async () => {
    const { ada, bob } = callers.people;
    const archive = (shown: Shown, body: object) =>
      rest.post<{ success_count: number }>("/v1/channels/inApp/messages/bulk/archive", body, { ...shown });
    for (const key of ["user_ids", "recipient_ids"]) {
      const { status, body } = await archive(ada, { [key]: ["bob"] });
      expect([status, body.success_count], key).toEqual([200, 0]);
    }
    expect(await feedOf("bob")).toMatchObject([{ archived_at: null }]);
    await archive(ada, {});
    expect(await feedOf("bob")).toMatchObject([{ archived_at: null }]);
    expect(await feedOf("ada")).toMatchObject([{ archived_at: expect.any(String) }]);
    await archive(bob, { user_ids: ["bob"] });
    expect(await feedOf("bob")).toMatchObject([{ archived_at: expect.any(String) }]);
  });

  test("are not deleted by people", async () => {
    const removed = await rest.post("/v1/channels/inApp/messages/bulk/delete", {}, { ...callers.people.bob });
    expect(removed).toMatchObject({ status: 403, body: { code: "incorrect_token_type" } });
    expect(await feedOf("bob")).toHaveLength(1);
  });
});

describe("a token that is limited to tenants", () => {
  const reaching = (tenant: string): [method: string, path: string, body?: object][] => [
    ["GET", `/v1/users/ada/feeds/inApp?tenant=${tenant}`],
    ["GET", `/v1/users/ada/preferences/${tenant}`],
    ["GET", `/v1/users/ada/preferences/default?tenant=${tenant}`],
    ["PUT", `/v1/users/ada/preferences/${tenant}`, { channel_types: { email: false } }],
    ["PUT", `/v1/users/ada/preferences/${tenant}/channel_types`, { email: false }],
    ["PUT", `/v1/users/ada/preferences/${tenant}/channel_types/email`, { subscribed: false }],
    ["PUT", `/v1/users/ada/preferences/${tenant}/workflows`, { ping: false }],
    ["PUT", `/v1/users/ada/preferences/${tenant}/workflows/ping`, { subscribed: false }],
    ["PUT", `/v1/users/ada/preferences/${tenant}/categories`, { c: false }],
    ["PUT", `/v1/users/ada/preferences/${tenant}/categories/c`, { subscribed: false }],
    ["PUT", "/v1/users/ada", { preferences: { [tenant]: { channel_types: { email: false } } } }],
    ["DELETE", `/v1/users/ada/preferences/${tenant}`],
    ["POST", "/v1/channels/inApp/messages/bulk/seen", { tenants: ["a", tenant] }],
  ];

  test("reaches these, and no other", async () => {
    const status = async (call: [string, string, object?], shown: Shown) =>
      (await rest.call(call[0], call[1], { headers: { ...shown }, ...(call[2] && { body: call[2] }) })).status;
    const { ada, adaOfA } = callers.people;
    for (const call of reaching("a")) expect([200, 204], call.join(" ")).toContain(await status(call, adaOfA));
    for (const call of reaching("b")) {
      expect(await status(call, adaOfA), call.join(" ")).toBe(403);
      expect([200, 204], call.join(" ")).toContain(await status(call, ada));
    }
  });

  test("does not see what others have stored", async () => {
    await rest.put("/v1/users/ada/preferences/b", { workflows: { ping: false } }, { ...callers.people.ada });
    const setsOf = async (shown: Shown) =>
      (await rest.get<{ id: string }[]>("/v1/users/ada/preferences", { ...shown })).body.map(({ id }) => id);
    expect(await setsOf(callers.people.ada)).toContain("b");
    expect(await setsOf(callers.people.adaOfA)).not.toContain("b");
  });
});
