// The Phoenix socket of the published feed clients.
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createSockets, type Sockets } from "../../src/api/socket/sockets.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { markMessages } from "../../src/engine/directory/engagement.ts";
import { createApp } from "../../src/server/app.ts";
import { listen } from "../../src/server/listen.ts";
import { pageMessages } from "../../src/store/reads/messages.ts";
import { testDatabase } from "../support/database.ts";
import { type Driven, drive, eventually } from "../support/engine.ts";
import { authenticateFor } from "../support/graphql.ts";
import { openPhoenix, type PhoenixClient, type WireFrame } from "../support/phoenix.ts";
import { endUsers, person } from "../support/viewers.ts";
import { billed, commented } from "./fixtures/feeds.ts";

const CHANNEL = "6f1a3c1e-1f6d-4d0b-9a54-0a3b1c2d3e4f";

let driven: Driven;
let sockets: Sockets;
let url: string;
let closeServer: () => void;

beforeAll(async () => {
  driven = await drive({ database: await testDatabase(), handles: [commented, billed], endUsers });
  const { engine } = driven.knock;
  sockets = createSockets({ engine, authenticate: authenticateFor(engine, { required: false }) });
  const server = createApp({
    graphql: null,
    upgrade: sockets.upgrade,
    ready: async () => null,
    startPage: null,
    loopbackOnly: true,
    clock: driven.clock,
    logger: silentLogger,
  });
  url = `ws://localhost:${await listen(server, "127.0.0.1", 0)}/ws/v1/websocket`;
  closeServer = () => {
    server.closeAllConnections();
    server.close();
  };
});

afterAll(() => closeServer());

const notify = async (userId: string, call: object = {}) => {
  const outcome = await driven.knock.engine.notify({ workflow: "commented", recipients: [userId], data: {}, ...call });
  if (!outcome.ok) throw outcome.error;
  await driven.settle();
};

async function tokenOf(userId: string, options: Parameters<typeof person>[1] = {}): Promise<string> {
  return (await person(userId, { now: driven.clock.now(), ...options }))["x-knock-user-token"]!;
}

/** A socket of a person; with a number, of a client that has said so many things before. */
async function open(userId: string, options: Parameters<typeof person>[1] = {}): Promise<PhoenixClient> {
  const client = await openPhoenix(
    `${url}?user_token=${await tokenOf(userId, options)}&api_key=&&branch_slug=&vsn=2.0.0`,
  );
  onTestFinished(() => client.close());
  return client;
}

const topicOf = (userId: string) => `feeds:${CHANNEL}:${userId}`;

async function join(client: PhoenixClient, topic: string, payload: object = {}, ref = "7"): Promise<WireFrame[4]> {
  client.say([ref, ref, topic, "phx_join", payload as WireFrame[4]]);
  const [joinRef, , , , reply] = await client.next(
    ([, answered, , event]) => event === "phx_reply" && answered === ref,
  );
  expect(joinRef).toBe(ref);
  return reply;
}

const OK = { status: "ok", response: {} };

/** The next push; the clock moves on meanwhile, as pushes are gathered for a moment. */
async function pushed(client: PhoenixClient): Promise<WireFrame[4]> {
  let found: WireFrame | null = null;
  const waiting = client.next(([, , , event]) => event === "new-message").then((frame) => (found = frame));
  await eventually(async () => (await driven.clock.advance(20), found), Boolean, { every: 10 });
  return (await waiting)[4];
}

/** All pushes that came so far. */
const pushes = ({ frames }: PhoenixClient) => frames.filter(([, , , event]) => event === "new-message");

const counts = (total: number, unread: number, unseen: number) => ({
  total_count: total,
  unread_count: unread,
  unseen_count: unseen,
});

test("heartbeats are answered, and what is no frame harms nobody", async () => {
  const client = await open("beat");
  for (const text of ["", "{", "null", "[]", "[1,2,3,4,5]", '["1","2","t","e",[]]', "\u0000"]) client.say(text);
  client.socket.send(Buffer.from([1, 2, 3]), { binary: true });
  client.say([null, "1", "phoenix", "heartbeat", {}]);
  expect(await client.next()).toEqual([null, "1", "phoenix", "phx_reply", OK]);
  client.say([null, "2", "nowhere", "what", {}]);
  expect(await client.next()).toEqual([
    null,
    "2",
    "nowhere",
    "phx_reply",
    { status: "error", response: { reason: "unmatched topic" } },
  ]);
  client.socket.send("x".repeat(70_000));
  expect((await client.closed).code).toBe(1009);
});

test("a client that says more than can be answered is let go", async () => {
  const client = await open("storm");
  for (let ref = 0; ref < 1_000; ref++) client.say([`${ref}`, `${ref}`, topicOf("storm"), "phx_join", {}]);
  expect((await client.closed).code).toBe(1008);
});

test("each view of a feed is told its own counts, old clients theirs alone", async () => {
  const [views, old] = [await open("views"), await open("views")];
  const payload = {
    client_a: { archived: "exclude", mode: "compact" },
    client_b: { tenant: "acme", has_tenant: true },
  };
  expect(await join(views, topicOf("views"), payload)).toEqual(OK);
  expect(await join(old, topicOf("views"), { archived: "exclude", status: "all" })).toEqual(OK);
  await notify("views");
  expect(await pushed(views)).toEqual({
    event: "new-message",
    metadata: counts(1, 1, 1),
    attn: ["client_a"],
    data: { client_a: { metadata: counts(1, 1, 1) } },
  });
  expect(await pushed(old)).toMatchObject({ event: "new-message", metadata: counts(1, 1, 1), attn: [], data: {} });
  await notify("views", { tenant: "acme" });
  expect(await pushed(views)).toMatchObject({
    attn: ["client_a", "client_b"],
    data: { client_a: { metadata: counts(2, 2, 2) }, client_b: { metadata: counts(1, 1, 1) } },
  });
});

test("marks are told as arrivals are, and other people's feeds are not", async () => {
  const client = await open("marks");
  await join(client, topicOf("marks"), { client_a: {} });
  await notify("somebody-else");
  await notify("marks");
  expect(await pushed(client)).toMatchObject({ metadata: counts(1, 1, 1) });
  const { database } = driven.knock.engine.context;
  const { nodes } = await pageMessages(database.db, { recipientId: "marks" }, {});
  await markMessages(driven.knock.engine.context, { ids: nodes.map(({ id }) => id), as: "SEEN" });
  expect(await pushed(client)).toMatchObject({ metadata: counts(1, 1, 0) });
  expect(pushes(client)).toHaveLength(2);
});

test("who comes back is told the counts at once, and who is new is not", async () => {
  await notify("back");
  const [fresh, back] = [await open("back"), await open("back")];
  await join(fresh, topicOf("back"), { client_a: {} }, "7");
  await join(back, topicOf("back"), { client_a: {} }, "12");
  expect(await pushed(back)).toMatchObject({ attn: ["client_a"], metadata: counts(1, 1, 1) });
  expect(pushes(fresh)).toEqual([]);
});

test("a topic is left, and joined anew with other views", async () => {
  const client = await open("leave");
  const topic = topicOf("leave");
  await join(client, topic, { client_a: {} }, "3");
  // As the client does it: the earlier join is left and the union is joined, in one go.
  client.say(["3", "4", topic, "phx_leave", {}]);
  expect(await join(client, topic, { client_a: {}, client_b: {} }, "5")).toEqual(OK);
  // A leave that is late is not one of the present join.
  client.say(["3", "6", topic, "phx_leave", {}]);
  await notify("leave");
  expect(await pushed(client)).toMatchObject({ attn: ["client_a", "client_b"] });
  client.say(["5", "9", topic, "phx_leave", {}]);
  await client.next(([joinRef, , , event]) => event === "phx_close" && joinRef === "5");
  const before = driven.knock.engine.feeds.subscribers;
  await notify("leave");
  await driven.clock.advance(1_000);
  expect(pushes(client)).toHaveLength(1);
  expect(before).toBe(driven.knock.engine.feeds.subscribers);
});

test("nobody joins what is not theirs, or with what is no filter", async () => {
  const client = await open("own", { tenants: ["acme"] });
  const refused = async (topic: string, payload: object, ref: string) => {
    const { status, response } = await join(client, topic, payload, ref);
    expect(status).toBe("error");
    return (response as { reason: string }).reason;
  };
  expect(await refused(topicOf("somebody-else"), {}, "1")).toBe("unauthorized");
  expect(await refused(topicOf("nobody-at-all"), {}, "2")).toBe("unauthorized");
  expect(await refused(topicOf("own"), { client_a: { tenant: "other" } }, "3")).toBe("unauthorized");
  expect(await refused("feeds:no-channel:own", {}, "4")).toBe("unknown channel");
  expect(await refused(`guides:${CHANNEL}`, {}, "5")).toBe("unmatched topic");
  expect(await refused(topicOf("own"), { client_a: { archived: "maybe" } }, "6")).toMatch(/archived/);
  expect(await refused(topicOf("own"), { trigger_data: { a: { b: 1 } } }, "7")).toMatch(/trigger_data/);
  expect(await join(client, topicOf("own"), { trigger_data: '{"page":"x"}', tenant: "acme" }, "8")).toEqual(OK);
  await notify("own", { tenant: "other", data: { page: "x" } });
  await notify("own", { tenant: "acme", data: { page: "x" } });
  expect(await pushed(client)).toMatchObject({ metadata: counts(1, 1, 1) });
});

test("sockets are refused to strangers, other pages and other paths", async () => {
  const expired = await tokenOf("ada", { now: new Date(driven.clock.now().getTime() - 172_800_000) });
  await expect(openPhoenix(`${url}?user_token=${expired}`)).rejects.toThrow("refused: 403");
  await expect(openPhoenix(`${url}?user_token=nonsense`)).rejects.toThrow("refused: 403");
  await expect(openPhoenix(url, { origin: "https://evil.example" })).rejects.toThrow("refused: 403");
  await expect(openPhoenix(`${url}/other`)).rejects.toThrow("refused: 404");
  await expect(openPhoenix(`${url}?vsn=1.0.0`)).rejects.toThrow("refused: 400");
  const { engine } = driven.knock;
  const strict = createSockets({ engine, authenticate: authenticateFor(engine, { required: true }) });
  const options = { graphql: null, upgrade: strict.upgrade, ready: async () => null, startPage: null };
  const server = createApp({ ...options, loopbackOnly: false, clock: driven.clock, logger: silentLogger });
  onTestFinished(() => void server.close());
  const port = await listen(server, "127.0.0.1", 0);
  await expect(openPhoenix(`ws://127.0.0.1:${port}/ws/v1/websocket?vsn=2.0.0`)).rejects.toThrow("refused: 403");
});

test("without keys, in development, a page needs no token", async () => {
  const client = await openPhoenix(`${url}?vsn=2.0.0`, { origin: "http://localhost:5173" });
  onTestFinished(() => client.close());
  expect(await join(client, topicOf("anybody"), { client_a: {} })).toEqual(OK);
});

test("a socket ends with its token, and one that is silent for long is gone", async () => {
  const [ends, silent, alive] = [await open("ends", { expiresIn: "1m" }), await open("silent"), await open("alive")];
  await join(ends, topicOf("ends"));
  silent.socket.pong = () => {};
  silent.socket.pause();
  for (let tries = 0; tries < 6; tries++) {
    await driven.clock.advance(15_000);
    alive.say([null, String(tries), "phoenix", "heartbeat", {}]);
    await alive.next(([, ref]) => ref === String(tries));
  }
  expect(await ends.closed).toEqual({ code: 1000, reason: "the user token has expired" });
  silent.socket.resume();
  expect((await silent.closed).code).toBe(1006);
  expect(alive.socket.readyState).toBe(alive.socket.OPEN);
});

test("a feed of somebody whose id cannot be stored is refused, before it meets the feeds of others", async () => {
  // Without a token: where no keys are needed, any feed may be looked at.
  const client = await openPhoenix(`${url}?vsn=2.0.0`);
  onTestFinished(() => client.close());
  for (const [index, id] of ["a\0", "half \ud800"].entries())
    expect(await join(client, topicOf(id), {}, String(index + 1))).toMatchObject({ status: "error" });
  expect(await join(client, topicOf("a"), {}, "3")).toEqual(OK);
});

test("an upgrade whose address is none is answered 400", async () => {
  const { port } = new URL(url);
  const connection = connect(Number(port), "127.0.0.1");
  onTestFinished(() => void connection.destroy());
  connection.write("GET //[ HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
  const [answer] = (await once(connection, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
});

test("when the server stops, clients are sent away in a way that makes them come back", async () => {
  const client = await open("stop");
  await join(client, topicOf("stop"));
  await sockets.close();
  // The published client comes back after every code but 1000.
  expect((await client.closed).code).toBe(1012);
  expect(sockets.open).toBe(0);
  await expect(open("stop")).rejects.toThrow("refused: 503");
});
