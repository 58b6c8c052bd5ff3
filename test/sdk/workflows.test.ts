import { createRequire } from "node:module";
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask, count } from "../support/inspect.ts";
import { type Clients, clientsOf } from "./support/clients.ts";
import { type SdkServer, startSdkServer } from "./support/server.ts";
import { until } from "./support/settled.ts";

let server: SdkServer;
let clients: Clients;
beforeAll(async () => {
  server = await startSdkServer();
  clients = clientsOf(server);
});

const ID = expect.stringMatching(/^[0-9a-f-]{36}$/);
const data = { invitee_name: "Grace" };

/** What the feed of a person shows of a notification, once it is there. */
const shownTo = (user: string, run: string) =>
  until(
    async () =>
      (
        await ask<{ body: string }>(
          server.database,
          sql`select content->>'body' as body from knock.messages where recipient_id = ${user}
            and channel = 'feed' and run_id in (select id from knock.runs where notification_id = ${run}::uuid)`,
        )
      ).map(({ body }) => body),
    (found) => found.length > 0,
  );

const notifications = () => count(server.database, "notifications");

test("the code of the founding document runs as it stands, but for the host", async () => {
  const { Knock } = createRequire(import.meta.url)("knock-node-0") as typeof import("knock-node-0");
  await clients.v06.users.identify("jhammond", { name: "John Hammond" });
  const before = process.env["KNOCK_API_KEY"];
  process.env["KNOCK_API_KEY"] = server.secretKey;
  const knock = new Knock(process.env["KNOCK_API_KEY"], { host: server.url });
  if (before === undefined) delete process.env["KNOCK_API_KEY"];
  else process.env["KNOCK_API_KEY"] = before;
  const result = await knock.notify("new-user-invited", { actor: "jhammond", recipients: ["ellie"], data });
  expect(result).toEqual({ workflow_run_id: ID });
  expect(await shownTo("ellie", result.workflow_run_id)).toEqual(["ellie: John Hammond invited Grace"]);
});

type Trigger = (
  body: { recipients: string[]; cancellationKey?: string; tenant?: string },
  key?: string,
) => Promise<{ workflow_run_id: string }>;

const generations: [
  string,
  (workflow: string, given: object) => Trigger,
  (workflow: string, key: string, recipients: string[]) => Promise<unknown>,
][] = [
  [
    "0.4.3",
    (workflow, given) => (body) => clients.v04.workflows.trigger(workflow, { ...body, data: given } as never) as never,
    (workflow, key, recipients) => clients.v04.workflows.cancel(workflow, key, { recipients } as never),
  ],
  [
    "0.6.19",
    (workflow, given) => (body, idempotencyKey) =>
      clients.v06.workflows.trigger(
        workflow,
        { ...body, data: given },
        idempotencyKey === undefined ? {} : { idempotencyKey },
      ),
    (workflow, key, recipients) => clients.v06.workflows.cancel(workflow, key, { recipients }),
  ],
  [
    "1.35.0",
    (workflow, given) =>
      ({ cancellationKey, ...body }, idempotencyKey) =>
        clients.v1.workflows.trigger(
          workflow,
          {
            ...body,
            data: given as Record<string, unknown>,
            ...(cancellationKey !== undefined && { cancellation_key: cancellationKey }),
          },
          idempotencyKey === undefined ? {} : { idempotencyKey },
        ),
    (workflow, key, recipients) => clients.v1.workflows.cancel(workflow, { cancellation_key: key, recipients }),
  ],
];

describe.each(generations)("workflows of %s", (_version, triggerOf, cancel) => {
  test("trigger notifies, in a tenant", async () => {
    const { workflow_run_id: run } = await triggerOf("new-user-invited", data)({ recipients: ["ada"], tenant: "acme" });
    expect(await shownTo("ada", run)).toEqual(["ada: Someone invited Grace"]);
    expect(await ask(server.database, sql`select tenant_id from knock.notifications where id = ${run}::uuid`)).toEqual([
      { tenant_id: "acme" },
    ]);
  });

  test("cancel ends what waits, of those that are named", async () => {
    const { workflow_run_id: run } = await triggerOf("later", {})({ recipients: ["ada", "bob"], cancellationKey: "c" });
    const statuses = async () =>
      Object.fromEntries(
        (
          await ask<{ id: string; status: string }>(
            server.database,
            sql`select recipient_id as id, status from knock.runs where notification_id = ${run}::uuid`,
          )
        ).map(({ id, status }) => [id, status]),
      );
    await until(statuses, ({ ada, bob }) => ada === "waiting" && bob === "waiting");
    // An empty answer reads as nothing: undefined, null or an empty text.
    expect((await cancel("later", "c", ["bob"])) || null).toBeNull();
    expect(await statuses()).toEqual({ ada: "waiting", bob: "cancelled" });
  });
});

describe.each(generations.slice(1))("a key of %s", (_version, triggerOf) => {
  beforeEach(async () => {
    await ask(server.database, sql`delete from knock.idempotency_keys`);
  });

  test("replays the first answer, and refuses other input with 422", async () => {
    const before = await notifications();
    const trigger = triggerOf("new-user-invited", data);
    const first = await trigger({ recipients: ["ada"] }, "k");
    expect(await trigger({ recipients: ["ada"] }, "k")).toEqual(first);
    expect(await notifications()).toBe(before + 1);
    await expect(trigger({ recipients: ["bob"] }, "k")).rejects.toMatchObject({ status: 422 });
    const refused = await trigger({ recipients: ["bob"] }, "k").catch((error: unknown) => error);
    expect(JSON.stringify(refused) + String(refused)).toContain("mismatch");
    expect(await notifications()).toBe(before + 1);
  });
});

test("1.35.0 sees the headers of a replay, and its own keys of retries count too", async () => {
  const call = (options = {}) =>
    clients.v1.workflows.trigger("new-user-invited", { recipients: ["ada"], data }, options).withResponse();
  const first = await call({ idempotencyKey: "header" });
  const again = await call({ idempotencyKey: "header" });
  expect(again.response.headers.get("idempotent-replayed")).toBe("true");
  expect(again.response.headers.get("original-x-request-id")).toBe(first.response.headers.get("x-request-id"));
  const before = await notifications();
  let failures = 1;
  // The answer is lost on its way: the client asks once more with the same key.
  const flaky = clients.v1.withOptions({
    maxRetries: 2,
    fetch: async (url, init) => {
      const response = await fetch(url as string, init as RequestInit);
      if (failures-- > 0) throw new TypeError("the connection was closed");
      return response;
    },
  });
  const { workflow_run_id: run } = await flaky.workflows.trigger("new-user-invited", { recipients: ["ada"], data });
  expect(await notifications()).toBe(before + 1);
  const keys = await ask<{ key: string }>(
    server.database,
    sql`select key from knock.idempotency_keys where notification_id = ${run}::uuid`,
  );
  expect(keys).toEqual([{ key: expect.stringMatching(/^stainless-node-retry-/) }]);
});

describe("a refusal", () => {
  test("is the error that each client knows", async () => {
    await expect(clients.v04.workflows.trigger("nothing", { recipients: ["a"] } as never)).rejects.toMatchObject({
      status: 404,
    });
    await expect(clients.v06.workflows.trigger("nothing", { recipients: ["a"] })).rejects.toMatchObject({
      status: 404,
    });
    await expect(clients.v1.workflows.trigger("nothing", { recipients: ["a"] })).rejects.toMatchObject({
      status: 404,
      error: { code: "workflow_missing" },
    });
    const invalid = { recipients: ["a"], data: { invitee_name: 1 } };
    await expect(clients.v06.workflows.trigger("new-user-invited", invalid)).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining("data.invitee_name"),
    });
    await expect(clients.v1.workflows.trigger("new-user-invited", invalid)).rejects.toMatchObject({
      status: 422,
      error: { errors: [{ field: "data.invitee_name" }] },
    });
    await expect(
      clients.v06.workflows.trigger("new-user-invited", { recipients: ["a"], actor: "nobody", data }),
    ).rejects.toMatchObject({
      status: 400,
      code: "actor_missing",
    });
  });

  test("of a key says whether the key is unknown or may too little", async () => {
    const wrong = clientsOf({ url: server.url, secretKey: "sk_0123456789abcdef0123" });
    await expect(wrong.v06.users.get("ada")).rejects.toMatchObject({ status: 401, code: "authentication_required" });
    const reader = clientsOf({ url: server.url, secretKey: await server.keyWith("read") });
    await expect(reader.v1.workflows.trigger("later", { recipients: ["a"] })).rejects.toMatchObject({
      status: 403,
      error: { code: "insufficient_scope" },
    });
  });
});
