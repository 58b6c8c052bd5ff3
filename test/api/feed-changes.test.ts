// The subscription, as the stream that a browser reads.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Driven, drive, eventually, START } from "../support/engine.ts";
import { apiOf, postJson, type WireError } from "../support/graphql.ts";
import { endUsers, person } from "../support/viewers.ts";
import { commented, liked } from "./fixtures/feeds.ts";

let database: Database;
let driven: Driven;
let closing: AbortController;
let streams: Stream[];

/** What a stream tells, one by one. */
interface Change {
  reason: string;
  cursor: string;
  counts: { totalCount: number; unreadCount: number };
  item: { body: string; readAt: string | null; actors: object[] } | null;
}
interface Told {
  data?: { feedChanged: Change } | null;
  errors?: WireError[];
}
interface Stream {
  status: number;
  type: string | null;
  /** The next result; `complete` when the stream has ended. */
  next(): Promise<Told | "complete">;
  change(): Promise<Change>;
  close(): Promise<void>;
}

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  closing = new AbortController();
  streams = [];
  driven = await drive({ database, handles: [commented, liked], endUsers });
});
afterEach(async () => {
  await Promise.all(streams.map((stream) => stream.close()));
  await driven.knock.stop();
});

const CHANGED = `subscription ($userId: ID, $filter: FeedFilter, $after: String) {
  feedChanged(userId: $userId, filter: $filter, after: $after) { reason cursor counts { totalCount unreadCount unseenCount }
    item { id body readAt actors { id name } } } }`;

/** Opens a stream and reads its frames. */
async function open(variables: object, headers: Record<string, string>, query = CHANGED): Promise<Stream> {
  const { handle } = apiOf(driven.knock.engine, { closing: closing.signal });
  const response = await handle(postJson({ query, variables }, { accept: "text/event-stream", ...headers }));
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  async function next(): Promise<Told | "complete"> {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end < 0) {
        const { done, value } = await reader.read();
        if (done) return "complete";
        text += value;
        continue;
      }
      const frame = text.slice(0, end);
      text = text.slice(end + 2);
      if (frame.startsWith(":")) continue;
      if (/^event: complete$/m.test(frame)) return "complete";
      return JSON.parse(/^data: (.*)$/m.exec(frame)![1]!) as Told;
    }
  }
  const stream: Stream = {
    status: response.status,
    type: response.headers.get("content-type"),
    next,
    async change() {
      const told = await next();
      if (told === "complete" || !told.data) throw new Error(`no change: ${JSON.stringify(told)}`);
      return told.data.feedChanged;
    },
    close: () => reader.cancel(),
  };
  streams.push(stream);
  return stream;
}

const comment = async (page: string, call: object = {}) => {
  const outcome = await driven.knock.engine.notify({
    workflow: "commented",
    recipients: ["ada"],
    data: { page },
    ...call,
  });
  if (!outcome.ok) throw outcome.error;
  await driven.settle();
  await driven.clock.advance(1_000);
};

const subscribers = async () => driven.knock.engine.feeds.subscribers;

const MARK = `mutation ($as: Marking!) { markMessages(all: {}, as: $as) { ... on MarkMessagesSuccess { marked } } }`;

describe("a stream", () => {
  test("begins with what is there, and tells what comes and what is marked, with counts", async () => {
    await comment("Before");
    const ada = await person("ada");
    const stream = await open({}, ada);
    expect([stream.status, stream.type]).toEqual([200, "text/event-stream"]);
    expect(await stream.change()).toMatchObject({ reason: "READY", item: null, counts: { totalCount: 1 } });
    await comment("Now", { recipients: ["ada", "bob"] });
    expect(await stream.change()).toMatchObject({
      reason: "ARRIVED",
      item: { body: "On Now", readAt: null, actors: [] },
      counts: { totalCount: 2, unreadCount: 2, unseenCount: 2 },
    });
    await apiOf(driven.knock.engine).ask(MARK, { as: "READ" }, ada);
    const marked = [await stream.change(), await stream.change()];
    expect(marked.map(({ reason, item }) => [reason, item!.readAt !== null])).toEqual([
      ["MARKED", true],
      ["MARKED", true],
    ]);
    expect(marked[1]).toMatchObject({ counts: { totalCount: 2, unreadCount: 0 } });
  });

  test("goes on behind a cursor: nothing is missed, nothing told twice", async () => {
    const ada = await person("ada");
    const first = await open({}, ada);
    await first.change();
    await comment("One");
    const { cursor } = await first.change();
    await first.close();
    await comment("Two");
    await comment("Three");
    const second = await open({ after: cursor }, ada);
    expect(await second.change()).toMatchObject({ reason: "READY" });
    expect([(await second.change()).item!.body, (await second.change()).item!.body]).toEqual(["On Two", "On Three"]);
    await comment("Four");
    expect((await second.change()).item!.body).toBe("On Four");
  });

  test("follows its filter", async () => {
    const stream = await open({ filter: { data: { page: "Mine" } } }, await person("ada"));
    await stream.change();
    await comment("Other");
    await comment("Mine");
    expect(await stream.change()).toMatchObject({ item: { body: "On Mine" }, counts: { totalCount: 1 } });
  });

  test("of somebody whom a server names", async () => {
    const stream = await open({ userId: "bob" }, {});
    await stream.change();
    await comment("Ada's");
    await comment("Bob's", { recipients: ["bob"] });
    expect((await stream.change()).item!.body).toBe("On Bob's");
  });

  test("frees what it holds when its reader goes away", async () => {
    const stream = await open({}, await person("ada"));
    await stream.change();
    expect(driven.knock.engine.feeds.subscribers).toBe(1);
    await stream.close();
    await eventually(subscribers, (count) => count === 0);
  });

  test("survives a reload of the workflows", async () => {
    const stream = await open({}, await person("ada"));
    await stream.change();
    const { registry } = driven.knock.engine.context;
    const before = registry();
    await driven.knock.reload({ workflows: { commented }, channels: {}, endUsers });
    expect(registry()).not.toBe(before);
    await comment("Still");
    expect((await stream.change()).item!.body).toBe("On Still");
  });
});

describe("a stream ends", () => {
  const expired = [{ message: "The user token has expired.", extensions: { code: "UNAUTHENTICATED" } }];

  test("with its token, which it says", async () => {
    const stream = await open({}, await person("ada", { expiresIn: "10m" }));
    await stream.change();
    const told = stream.next();
    await driven.clock.advance(10 * 60_000 + 11_000);
    expect(await told).toMatchObject({ errors: expired });
    expect(await stream.next()).toBe("complete");
    expect(driven.knock.engine.feeds.subscribers).toBe(0);
    const late = await open({}, await person("ada", { expiresIn: "10m", now: START }));
    expect(await late.next()).toMatchObject({ errors: expired });
  });

  test("when the server closes, without an error", async () => {
    const stream = await open({}, await person("ada"));
    await stream.change();
    closing.abort();
    expect(await stream.next()).toBe("complete");
    expect(driven.knock.engine.feeds.subscribers).toBe(0);
    expect(await (await open({}, await person("ada"))).next()).toBe("complete");
  });

  test("when the engine stops, and has told everything before", async () => {
    const stream = await open({}, await person("ada"));
    await stream.change();
    await driven.knock.stop();
    expect(await stream.next()).toBe("complete");
  });

  test("with a masked error when something is broken", async () => {
    const { engine } = driven.knock;
    const feeds = {
      ...engine.feeds,
      subscribe: () => ({
        next: () => Promise.reject(new Error("secret of the inside")),
        [Symbol.asyncIterator]() {
          return this;
        },
      }),
    };
    const { handle } = apiOf({ ...engine, feeds });
    const headers = { accept: "text/event-stream", ...(await person("ada")) };
    const text = await (await handle(postJson({ query: CHANGED }, headers))).text();
    expect(text).toContain('"code":"INTERNAL"');
    expect(text).not.toContain("secret");
    expect(text).toMatch(/event: complete\ndata:\s*$/);
  });
});

describe("before it begins", () => {
  const told = async (variables: object, headers: Record<string, string>, query?: string) => {
    const stream = await open(variables, headers, query);
    const first = await stream.next();
    if (first === "complete") throw new Error("it told nothing");
    expect(await stream.next()).toBe("complete");
    return first.errors;
  };

  test.each<[string, object, { code: string; path?: string }]>([
    ["a cursor that is none", { after: "nonsense" }, { code: "BAD_USER_INPUT", path: "after" }],
    ["a filter that is none", { filter: { data: 1 } }, { code: "BAD_USER_INPUT", path: "filter.data" }],
    ["a variable of a wrong type", { filter: { tenant: {} } }, { code: "BAD_USER_INPUT", path: "filter.tenant" }],
    ["somebody else", { userId: "bob" }, { code: "BAD_USER_INPUT", path: "userId" }],
    ["a tenant that is not granted", { filter: { tenant: "umbrella" } }, { code: "FORBIDDEN" }],
  ])("%s is refused", async (_name, variables, { code, path }) => {
    const errors = await told(variables, await person("ada", { tenants: ["acme"] }));
    expect(errors).toMatchObject([{ extensions: { code, ...(path && { issues: [{ path }] }) } }]);
    expect(driven.knock.engine.feeds.subscribers).toBe(0);
  });

  test("servers name somebody", async () => {
    expect(await told({}, {})).toMatchObject([{ extensions: { issues: [{ path: "userId", code: "required" }] } }]);
  });

  test("the limits of all requests hold", async () => {
    const aliases = Array.from({ length: 31 }, (_, index) => `a${index}: reason`).join(" ");
    expect(await told({}, await person("ada"), `subscription { feedChanged { ${aliases} } }`)).toMatchObject([
      { extensions: { code: "TOO_MANY_ALIASES" } },
    ]);
    expect(
      await told({}, await person("ada"), "subscription { feedChanged { reason } other: feedChanged { reason } }"),
    ).toHaveLength(1);
  });

  test("a reader that cannot read streams is told so", async () => {
    const { handle } = apiOf(driven.knock.engine);
    const response = await handle(postJson({ query: CHANGED }, await person("ada")));
    expect(response.status).toBe(406);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "NOT_ACCEPTABLE" } }] });
    expect(await subscribers()).toBe(0);
  });
});
