import { request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { type AppOptions, createApp } from "../../src/server/app.ts";

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

async function listening(options: Partial<AppOptions> = {}) {
  const server = createApp({
    graphql: async (incoming) => Response.json({ method: incoming.method, body: await incoming.text() }),
    ready: async () => null,
    startPage: null,
    loopbackOnly: false,
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => (server.closeAllConnections(), server.close()));
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}` };
}

/** Headers that fetch would not let a caller choose. */
async function statusWith(port: number, headers: Record<string, string>): Promise<number> {
  const sent = request({ port, host: "127.0.0.1", path: "/graphql", method: "POST", headers });
  sent.end("{}");
  const [response] = await once(sent, "response");
  response.resume();
  return response.statusCode;
}

test("a request reaches the handler whole, and its answer the caller", async () => {
  const { url } = await listening();
  const response = await fetch(`${url}/graphql`, { method: "POST", body: "héllo" });
  expect(await response.json()).toEqual({ method: "POST", body: "héllo" });
});

test("health and readiness differ: a process without its database lives and is not ready", async () => {
  const { url } = await listening({ ready: () => Promise.reject(new Error("PostgreSQL is away")) });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { status: "not ready", reason: "PostgreSQL is away" }]);
});

test("a body beyond the limit is refused, whether or not its length is announced", async () => {
  let handled = 0;
  const graphql = () => (handled++, new Response());
  const { url } = await listening({ bodyLimit: 1_000, graphql });
  const announced = await fetch(`${url}/graphql`, { method: "POST", body: "x".repeat(1_001) });
  expect([announced.status, await announced.json()]).toMatchObject([
    413,
    { errors: [{ extensions: { code: "PAYLOAD_TOO_LARGE" } }] },
  ]);
  const chunks = new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode("x".repeat(600)));
    },
  });
  const streamed = await fetch(`${url}/graphql`, { method: "POST", body: chunks, duplex: "half" } as RequestInit);
  expect(streamed.status).toBe(413);
  expect(handled).toBe(0);
  expect((await fetch(`${url}/graphql`, { method: "POST", body: "x".repeat(1_000) })).status).toBe(200);
});

test("a body that is somewhat too large is read to its end, so that its sender sees the answer", async () => {
  const { port } = await listening({ bodyLimit: 4_000_000 });
  const socket = connect(port, "127.0.0.1");
  const length = 30_000_000;
  // As many clients do: nothing is read of the answer before everything is sent.
  const sent = new Promise<unknown>((resolve) => {
    socket.once("error", resolve);
    socket.write(`POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${length}\r\n\r\n`);
    socket.write("x".repeat(length), resolve);
  });
  expect(await sent).toBeFalsy();
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
  socket.destroy();
});

test.each(["TRACE /graphql", "GET http://[::1/"])("%s is a bad request, and nothing to log", async (line) => {
  const logged: string[] = [];
  const logger = { ...silentLogger, error: (message: string) => void logged.push(message) };
  const { port } = await listening({ logger });
  const socket = connect(port, "127.0.0.1");
  socket.write(`${line} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
  expect(logged).toEqual([]);
});

test("a path that begins with two slashes is a path", async () => {
  const { url } = await listening();
  expect((await fetch(`${url}//`)).status).toBe(404);
  expect((await fetch(`${url}//graphql/healthz`)).status).toBe(404);
});

test("a server without keys answers this machine only", async () => {
  const { port } = await listening({ loopbackOnly: true });
  expect(await statusWith(port, { host: `localhost:${port}` })).toBe(200);
  expect(await statusWith(port, { host: `127.0.0.1:${port}`, origin: "http://localhost:5173" })).toBe(200);
  expect(await statusWith(port, { host: "evil.example" })).toBe(403);
  expect(await statusWith(port, { host: `localhost:${port}`, origin: "https://evil.example" })).toBe(403);
  expect(await statusWith(port, { host: `localhost:${port}`, origin: "null" })).toBe(403);
});

test("what a handler throws is masked and logged once with its incident", async () => {
  const logged: Record<string, unknown>[] = [];
  const logger = {
    ...silentLogger,
    error: (_message: string, fields: Record<string, unknown> = {}) => void logged.push(fields),
  };
  const graphql = () => Promise.reject(new Error("secret detail"));
  const { url } = await listening({ graphql, logger });
  const response = await fetch(`${url}/graphql?token=hush`, { method: "POST", body: "{}" });
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(text).not.toContain("secret detail");
  expect(logged).toHaveLength(1);
  expect(text).toContain(logged[0]!.incident);
  expect(logged[0]!.path).toBe("/graphql");
});

test("an answer is streamed as it comes, and a caller who leaves ends it", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  const graphql = (incoming: Request) => {
    incoming.signal.addEventListener("abort", () => abort());
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("event: next\n\n")),
      cancel: () => resolve(),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  const { port } = await listening({ graphql });
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /graphql HTTP/1.1\r\nhost: localhost\r\n\r\n");
  let received = "";
  for await (const chunk of socket) {
    received += String(chunk);
    if (received.includes("event: next")) break;
  }
  await Promise.all([cancelled, aborted]);
});

test("an unknown path says where the API is", async () => {
  const { url } = await listening();
  const response = await fetch(`${url}/graphq`);
  expect([response.status, await response.text()]).toEqual([404, expect.stringContaining("/graphql")]);
});

test("refusals before the REST surface have its shape", async () => {
  const rest = async () => new Response("never");
  const { url, port } = await listening({ bodyLimit: 1_000, rest, loopbackOnly: true });
  const large = await fetch(`${url}/v1/notify?x=1`, { method: "POST", body: "x".repeat(1_001) });
  expect([large.status, await large.json()]).toEqual([
    413,
    { code: "payload_too_large", message: expect.any(String), status: 413, type: "invalid_request_error" },
  ]);
  const foreign = request({
    port,
    host: "127.0.0.1",
    path: "/v1/notify",
    method: "POST",
    headers: { host: "evil.example" },
  });
  foreign.end();
  const [response] = await once(foreign, "response");
  const chunks: Buffer[] = await Array.fromAsync(response);
  expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({ code: "forbidden", status: 403 });
});

test("what opens a page to anybody is not logged", async () => {
  const logged: unknown[] = [];
  const logger = { ...silentLogger, error: (_message: string, fields?: object) => void logged.push(fields) };
  const pages = () => Promise.reject(new Error("the database is away"));
  const { url } = await listening({ pages, logger });
  expect((await fetch(`${url}/preferences/SECRET?saved`)).status).toBe(500);
  expect(logged).toMatchObject([{ path: "/preferences/…" }]);
});
