// What a browser asks before, and looks at after, when a page of another origin calls.
import { request } from "node:http";
import { type AddressInfo } from "node:net";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { type AppOptions, createApp } from "../../src/server/app.ts";

const APP = "https://app.example.com";
const VITE = "http://localhost:5173";

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
}

/** A server, and how to call it as a browser would: with headers that fetch lets nobody choose. */
async function serverWith(options: Partial<AppOptions>) {
  const server = createApp({
    graphql: () => Response.json({}, { status: 401, headers: { vary: "Accept" } }),
    rest: () => Response.json({}),
    ready: async () => null,
    startPage: null,
    loopbackOnly: false,
    clock: systemClock,
    logger: silentLogger,
    bodyLimit: 100,
    ...options,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => (server.closeAllConnections(), void server.close()));
  const { port } = server.address() as AddressInfo;
  return async (method: string, path: string, headers: Record<string, string>, body = ""): Promise<Answer> => {
    const sent = request({ port, host: "127.0.0.1", path, method, headers: { host: `localhost:${port}`, ...headers } });
    sent.end(body);
    const [response] = await once(sent, "response");
    response.resume();
    return { status: response.statusCode, headers: response.headers };
  };
}

const asks = { "access-control-request-method": "POST", "access-control-request-headers": "authorization,traceparent" };

describe("where keys are required", () => {
  test.each(["/graphql", "/graphql?a", "/v1/users/ada/feeds/x"])("pages of any origin may call %s", async (path) => {
    const call = await serverWith({});
    for (const origin of [APP, VITE, "null"]) {
      const { status, headers } = await call("OPTIONS", path, { origin, ...asks });
      expect({ status, headers }).toMatchObject({
        status: 204,
        headers: { "access-control-allow-origin": "*", "access-control-max-age": "7200" },
      });
      expect(headers["access-control-allow-methods"]).toBe("GET, POST, PUT, DELETE");
      const allowed = String(headers["access-control-allow-headers"]).split(/, ?/);
      for (const name of ["authorization", "content-type", "idempotency-key", "x-knock-user-token", "x-knock-client"])
        expect(allowed).toContain(name);
      expect(allowed).toContain("x-knock-branch");
      expect(allowed).toContain("traceparent");
      expect((await call("POST", path, { origin })).headers["access-control-allow-origin"]).toBe("*");
    }
  });

  test("cookies are never asked for, and refusals can be read", async () => {
    const call = await serverWith({});
    const refused = await call("POST", "/graphql", { origin: APP });
    expect(refused.headers).not.toHaveProperty("access-control-allow-credentials");
    expect(refused).toMatchObject({ status: 401, headers: { "access-control-allow-origin": "*", vary: "Accept" } });
    expect(String(refused.headers["access-control-expose-headers"])).toContain("x-request-id");
    const large = await call("POST", "/graphql", { origin: APP }, "x".repeat(200));
    expect(large).toMatchObject({ status: 413, headers: { "access-control-allow-origin": "*" } });
  });

  test("with origins in the config, pages of these alone", async () => {
    const call = await serverWith({ origins: [APP] });
    const asked = await call("OPTIONS", "/graphql", { origin: APP, ...asks });
    expect(asked).toMatchObject({ status: 204, headers: { "access-control-allow-origin": APP, vary: "Origin" } });
    const read = await call("POST", "/graphql", { origin: APP });
    expect(read).toMatchObject({
      status: 401,
      headers: { "access-control-allow-origin": APP, vary: "Accept, Origin" },
    });
    for (const origin of ["https://app.example.com.evil.example", "http://app.example.com", VITE, "null"]) {
      for (const method of ["OPTIONS", "POST"]) {
        const { headers } = await call(method, "/graphql", { origin, ...(method === "OPTIONS" && asks) });
        expect(headers, origin).not.toHaveProperty("access-control-allow-origin");
        expect(headers.vary, origin).toContain("Origin");
      }
    }
    // Programs send no origin.
    expect((await call("GET", "/v1/users", {})).status).toBe(200);
  });

  test("nothing else is opened", async () => {
    const call = await serverWith({});
    for (const path of ["/healthz", "/readyz", "/metrics", "/", "/graphqlx", "/v1x", "/x/graphql"]) {
      for (const method of ["OPTIONS", "GET"]) {
        const { headers } = await call(method, path, { origin: APP, ...(method === "OPTIONS" && asks) });
        expect(headers, path).not.toHaveProperty("access-control-allow-origin");
      }
    }
  });

  test("OPTIONS that no browser sends for a page goes where all requests go", async () => {
    const call = await serverWith({});
    expect((await call("OPTIONS", "/graphql", { origin: APP })).status).toBe(401);
  });
});

describe("on a server without keys", () => {
  test.each([VITE, "http://127.0.0.1:3000", "http://[::1]:8080", "https://app.localhost"])(
    "a page of this machine may call: %s",
    async (origin) => {
      const call = await serverWith({ loopbackOnly: true, origins: [APP] });
      const asked = await call("OPTIONS", "/v1/users/ada", { origin, ...asks });
      expect(asked).toMatchObject({ status: 204, headers: { "access-control-allow-origin": origin, vary: "Origin" } });
      const read = await call("GET", "/v1/users/ada", { origin });
      expect(read).toMatchObject({ status: 200, headers: { "access-control-allow-origin": origin, vary: "Origin" } });
    },
  );

  test.each([
    APP,
    "null",
    "http://localhost.evil.example",
    "http://evil.example:5173",
    "http://localhost@evil.example",
  ])("no other may, whatever the config says: %s", async (origin) => {
    for (const origins of ["*", [APP]] as const) {
      const call = await serverWith({ loopbackOnly: true, origins });
      const asked = await call("OPTIONS", "/graphql", { origin, ...asks });
      expect(asked.headers).not.toHaveProperty("access-control-allow-origin");
      const called = await call("POST", "/graphql", { origin });
      expect(called.status).toBe(403);
      expect(called.headers).not.toHaveProperty("access-control-allow-origin");
    }
  });
});
