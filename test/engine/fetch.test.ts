// Fetch steps against a real HTTP server.
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { derivedId } from "../../src/base/ids.ts";
import { exists } from "../../src/definition/condition-builders.ts";
import { liquid } from "../../src/definition/content.ts";
import { workflow } from "../../src/definition/workflow.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven, eventually } from "../support/engine.ts";
import { type Answering, type HttpServer, json, startHttpServer } from "../support/http-server.ts";
import { ask, decisions, messagesOf, runsOf } from "../support/inspect.ts";

const data = z.object({ url: z.string(), order: z.string().default("A-7") });
const told = ({ steps }: { steps: { plan: object } }) => JSON.stringify(steps.plan);
const response = z.object({ plan: z.string(), seats: z.number().default(1) });
const get = workflow("get", { data })
  .fetch("plan", { url: ({ data: { url, order } }) => `${url}/orders/${order}`, response })
  .inApp("feed", { body: told });
const each = workflow("each", { data })
  .fetch("plan", { url: ({ data: { url }, recipient }) => `${url}/${recipient.id}`, response })
  .inApp("feed", { body: told });
const post = workflow("post", { data })
  .fetch("plan", {
    url: liquid("{{ data.url }}/orders"),
    method: "PUT",
    headers: ({ recipient }) => ({
      authorization: `Bearer ${recipient.id}`,
      "content-length": "3",
      host: "evil",
      "x-more": "1",
    }),
    body: ({ data: { order }, recipient }) => ({ order, who: recipient.id, note: "größer" }),
    response: z.null(),
    retry: { attempts: 1 },
  })
  .inApp("feed", { body: told });
const when = workflow("when", { data })
  .fetch("plan", { url: ({ data: { url } }) => url, response, when: ({ recipient }) => exists(recipient.email) })
  .inApp("feed", { body: told });
const broken = workflow("broken", { data })
  .fetch("plan", {
    url: () => {
      throw new Error("no url today");
    },
    response,
  })
  .inApp("feed", { body: told });

let database: Database;
let driven: Driven;
let server: HttpServer;
const start = (allowPrivateAddresses = true) =>
  drive({ database, handles: [get, each, post, when, broken], fetch: { allowPrivateAddresses } });
beforeAll(async () => {
  database = await testDatabase();
  server = await startHttpServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  await emptyTables(database);
  server.seen = [];
  server.answer = json({ plan: "pro", extra: true });
  driven = await start();
});

async function notify(key: string, recipients: string[] = ["ada"], url = server.url): Promise<void> {
  accepted(await driven.knock.engine.notify({ workflow: key, recipients, data: { url } }));
}
async function begin(key: string, recipients?: string[], url?: string): Promise<void> {
  await notify(key, recipients, url);
  await driven.settle();
}
const bodies = async () =>
  (await messagesOf(database)).map(({ content }) => JSON.parse(content.body as string) as object);
const reason = async () => (await runsOf(database))[0]!.trace.findLast(({ ref }) => ref === "plan")?.reason;
const failed = async () => {
  expect(await runsOf(database)).toMatchObject([{ status: "failed", step: "plan" }]);
  return reason();
};
const paths = () => server.seen.map(({ method, path }) => `${method} ${path}`);

test("the answer, parsed by the schema, is what later steps read", async () => {
  await begin("get");
  expect(await decisions(database, "ada")).toEqual(["plan done", "feed done"]);
  expect(await bodies()).toEqual([{ status: 200, data: { plan: "pro", seats: 1 }, skipped: false }]);
  const [{ id } = { id: "" }] = await ask<{ id: string }>(database, sql`select id from knock.runs`);
  expect(server.seen).toMatchObject([
    {
      method: "GET",
      path: "/orders/A-7",
      body: "",
      headers: { accept: "application/json", "idempotency-key": derivedId(id, "plan") },
    },
  ]);
  expect(server.seen[0]!.headers["content-type"]).toBeUndefined();
});

test("an answer that a schema makes into something that has no JSON is final: it is not asked for again", async () => {
  const spoilt = workflow("spoilt", { data })
    .fetch("plan", {
      url: ({ data: { url } }) => url,
      response: z.unknown().overwrite(() => ({
        toJSON() {
          throw new Error("no text today");
        },
      })),
    })
    .inApp("feed", { body: told });
  driven = await drive({ database, handles: [spoilt], fetch: { allowPrivateAddresses: true } });
  await begin("spoilt");
  expect(await failed()).toContain("the answer cannot be stored: no text today");
  expect(server.seen).toHaveLength(1);
});

test("it sends what the author says, but for what belongs to the connection; no content is an answer", async () => {
  server.answer = (_request, answer) => void answer.writeHead(204).end();
  await begin("post");
  expect(await bodies()).toEqual([{ status: 204, data: null, skipped: false }]);
  expect(server.seen).toMatchObject([
    {
      method: "PUT",
      path: "/orders",
      body: JSON.stringify({ order: "A-7", who: "ada", note: "größer" }),
      headers: {
        host: new URL(server.url).host,
        authorization: "Bearer ada",
        "x-more": "1",
        "content-type": "application/json; charset=utf-8",
      },
    },
  ]);
});

test("a step whose condition says no makes no call", async () => {
  await begin("when");
  expect(await decisions(database, "ada")).toEqual(["plan skipped CONDITION", "feed done"]);
  expect(await bodies()).toEqual([{ status: null, data: null, skipped: true }]);
  expect(server.seen).toEqual([]);
});

describe("what may be mended by another try", () => {
  const cut: Answering = (_request, answer) => {
    answer.writeHead(200, { "content-length": "100" }).write('{"plan":');
    answer.socket?.destroySoon();
  };
  const closed: Answering = (_request, answer) => answer.socket?.destroy();
  test.each([
    ["a 500", json({ plan: "no" }, 500), "the answer was 500"],
    ["a huge 503", json("x".repeat(500_000), 503), "the answer was 503"],
    ["a 429", json({}, 429), "the answer was 429"],
    ["a 408", json({}, 408), "the answer was 408"],
    ["a cut answer", cut, "the connection was cut"],
    ["a closed connection", closed, "hang up"],
  ])("%s is tried again after 30 s and after 60 s", async (_what, answer, why) => {
    server.answer = answer;
    await begin("get");
    expect(await reason()).toContain(why);
    expect(server.seen).toHaveLength(1);
    await driven.advance("29s");
    expect(server.seen).toHaveLength(1);
    await driven.advance("1s");
    expect(server.seen).toHaveLength(2);
    await driven.advance("59s");
    expect(server.seen).toHaveLength(2);
    await driven.advance("1s");
    expect(server.seen).toHaveLength(3);
    expect(new Set(server.seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    expect(await failed()).toContain("attempt 3 of 3 failed");
    await driven.advance("1d");
    expect(server.seen).toHaveLength(3);
  });

  test("and a later answer counts", async () => {
    server.answer = json({}, 500);
    await begin("get");
    server.answer = json({ plan: "late" });
    const runs = (await ask<{ id: string }>(database, sql`select id from knock.runs`)).map(({ id }) => id);
    await driven.knock.engine.handlers.fetch({ runs });
    expect(server.seen).toHaveLength(1);
    await driven.advance("30s");
    expect(await decisions(database, "ada")).toEqual(["plan done", "feed done"]);
    expect(await bodies()).toMatchObject([{ data: { plan: "late" } }]);
  });

  test("nobody who listens", async () => {
    await begin("get", ["ada"], "http://127.0.0.1:9");
    expect(await reason()).toContain("ECONNREFUSED");
    expect(await runsOf(database)).toMatchObject([{ status: "waiting" }]);
  });

  test("a server that never answers, and one that never ends, are given up after the timeout", async () => {
    server.answer = ({ path }, answer) => {
      if (path.startsWith("/slow")) answer.writeHead(200).write("{");
    };
    await notify("each", ["never", "slow"]);
    const working = driven.jobs.drain();
    await eventually(
      async () => server.seen.length,
      (count) => count === 2,
    );
    await driven.clock.advance(14_999);
    expect(await runsOf(database)).toMatchObject([{ state: { waited: true } }, { state: { waited: true } }]);
    await driven.clock.advance(1);
    await working;
    await driven.settle();
    for (const { status, trace } of await runsOf(database)) {
      expect(status).toBe("waiting");
      expect(trace[0]!.reason).toBe("attempt 1 of 3 failed: no answer within 15s");
    }
  });

  test("content that throws", async () => {
    await begin("broken");
    expect(await reason()).toBe("attempt 1 of 3 failed: url: no url today");
    await driven.advance("90s");
    expect(await failed()).toBe("attempt 3 of 3 failed: url: no url today");
    expect(server.seen).toEqual([]);
  });
});

describe("what no other try can mend fails the step at once", () => {
  const text =
    (body: string): Answering =>
    (_request, answer) =>
      void answer.writeHead(200).end(body);
  const redirect: Answering = ({ path }, answer) =>
    void answer
      .writeHead(path === "/secret" ? 200 : 302, { location: `${server.url}/secret` })
      .end('{"plan":"secret"}');
  test.each([
    ["a 404", json({}, 404), "the answer was 404"],
    ["a 401", json({}, 401), "the answer was 401"],
    ["a redirect", redirect, "a redirect (302), and none is followed"],
    ["text", text("<html>"), "(200) is not JSON"],
    ["nothing", text(""), "does not fit the response schema"],
    ["a wrong type", json({ plan: 7 }), "does not fit the response schema: plan: "],
    ["a huge answer", json({ plan: "x".repeat(300_000) }), "longer than 256 kB"],
  ])("%s", async (_what, answer, why) => {
    server.answer = answer;
    await begin("get");
    expect(await failed()).toContain(why);
    await driven.advance("1d");
    expect(paths()).toEqual(["GET /orders/A-7"]);
    expect(await messagesOf(database)).toEqual([]);
  });

  test.each([
    ["a private address", () => server.url],
    ["a name of one", () => server.url.replace("127.0.0.1", "localhost")],
    ["the metadata of a cloud", () => "http://169.254.169.254"],
  ])("%s", async (_what, url) => {
    driven = await start(false);
    await begin("get", ["ada"], url());
    expect(await failed()).toContain("set fetch.allowPrivateAddresses in the config to allow it");
    expect(server.seen).toEqual([]);
  });

  test.each([["ftp://example.com"], ["nonsense"], ["file:///etc/passwd"]])("the url %s", async (url) => {
    await begin("get", ["ada"], url);
    expect(await failed()).toContain("url is not an http or https URL");
  });

  test("what cannot be sent in a header", async () => {
    await begin("post", ["ada\nevil"]);
    expect(await failed()).toContain("a header has a name or a value");
  });
});

describe("a process that dies", () => {
  test("before the call was made: the job comes again, or the run asks again when it is lost", async () => {
    await notify("get");
    const { handlers } = driven.knock.engine;
    const [{ id } = { id: "" }] = await ask<{ id: string }>(database, sql`select id from knock.notifications`);
    await handlers.express({ notifications: [id] });
    expect(await runsOf(database)).toMatchObject([{ status: "waiting", step: "plan", state: { waited: true } }]);
    driven = await start();
    await driven.advance("599s");
    expect(server.seen).toEqual([]);
    await driven.advance("1s");
    expect(paths()).toEqual(["GET /orders/A-7"]);
    expect(await decisions(database, "ada")).toEqual(["plan done", "feed done"]);
  });

  test("after the call, before its reply was written: the call is made again, with the same key", async () => {
    await notify("get");
    const { internals, handlers } = driven.knock.engine;
    const [{ id } = { id: "" }] = await ask<{ id: string }>(database, sql`select id from knock.notifications`);
    await handlers.express({ notifications: [id] });
    const [run] = await ask<{ id: string }>(database, sql`select id from knock.runs`);
    const { client } = internals.fetching;
    internals.fetching.client = {
      ...client,
      async request(...call) {
        await client.request(...call);
        // What it got dies with it.
        return new Promise(() => {});
      },
    };
    void handlers.fetch({ runs: [run!.id] });
    await eventually(
      async () => server.seen.length,
      (count) => count === 1,
    );
    driven = await start();
    await driven.knock.engine.handlers.fetch({ runs: [run!.id] });
    await driven.settle();
    expect(await decisions(database, "ada")).toEqual(["plan done", "feed done"]);
    expect(new Set(server.seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    expect(server.seen).toHaveLength(2);
  });

  test("after the reply: a job that comes again does nothing, nor does one of a run that was cancelled", async () => {
    const notified = await driven.knock.engine.notify({
      workflow: "get",
      recipients: ["ada", "bob"],
      data: { url: server.url },
      cancellationKey: "c",
    });
    const { handlers } = driven.knock.engine;
    await handlers.express({ notifications: [accepted(notified).notification.id] });
    const runs = (await ask<{ id: string }>(database, sql`select id from knock.runs`)).map(({ id }) => id);
    await driven.knock.cancel("c", ["bob"]);
    await handlers.fetch({ runs });
    await handlers.fetch({ runs });
    await driven.settle();
    await handlers.fetch({ runs });
    expect(server.seen).toHaveLength(1);
    expect(await runsOf(database)).toMatchObject([{ status: "completed" }, { status: "cancelled" }]);
  });
});

test("a process that ends begins no more calls, and leaves them to another one", async () => {
  await notify("each", ["ada", "bob"]);
  const { internals } = driven.knock.engine;
  internals.isStopping = () => true;
  const enqueued: object[] = [];
  const { committed } = internals.jobs;
  internals.jobs.committed = (jobs) => {
    enqueued.push(...jobs);
    if (enqueued.length < 3) committed(jobs);
  };
  await driven.jobs.drain();
  expect(server.seen).toEqual([]);
  expect(enqueued).toMatchObject([{ kind: "fetch" }, { kind: "fetch" }, { kind: "fetch" }]);
  internals.isStopping = () => false;
  committed(enqueued.slice(2) as never);
  await driven.settle();
  expect(paths().toSorted()).toEqual(["GET /ada", "GET /bob"]);
});

test("a call that could end after its run asks again is not begun", async () => {
  await notify("get");
  const [{ id } = { id: "" }] = await ask<{ id: string }>(database, sql`select id from knock.notifications`);
  const { handlers } = driven.knock.engine;
  await handlers.express({ notifications: [id] });
  const runs = (await ask<{ id: string }>(database, sql`select id from knock.runs`)).map((run) => run.id);
  await driven.clock.advance(600_000 - 15_000);
  await handlers.fetch({ runs });
  expect(server.seen).toEqual([]);
  await driven.clock.advance(15_000);
  await driven.settle();
  expect(server.seen).toHaveLength(1);
  expect(await decisions(database, "ada")).toEqual(["plan done", "feed done"]);
});

test("many calls are made at the same time, but not all, and each run gets its own answer", async () => {
  let open = 0;
  let most = 0;
  server.answer = ({ path }, answer) => {
    open += 1;
    most = Math.max(most, open);
    setImmediate(() => {
      open -= 1;
      json({ plan: path })({ path } as never, answer);
    });
  };
  const people = Array.from({ length: 120 }, (_, index) => `user_${String(index).padStart(3, "0")}`);
  await begin("each", people);
  expect((await bodies()).map((body) => (body as { data: { plan: string } }).data.plan)).toEqual(
    people.map((id) => `/${id}`),
  );
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(50);
});
