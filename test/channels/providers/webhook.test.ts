import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import type { WebhookMessage } from "../../../src/channels/messages.ts";
import { verifySignature, webhook } from "../../../src/channels/providers/webhook.ts";
import { attemptSend } from "../../../src/channels/send.ts";
import { providerContract } from "../../../src/testing/provider-contract.ts";
import type { Behaviour } from "../../../src/testing/provider-contract.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { hook } from "../../support/messages.ts";

const secret = "a-secret-of-enough-characters";
const token = "Bearer token-1234";
const metadata = { workflow: "welcome", recipientId: "user_1", tenant: null };

interface Received {
  request: IncomingMessage;
  body: string;
}

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

/** A receiver on 127.0.0.1 that answers with a status, its text and headers; `null` never answers. */
async function receiver(answer: () => { status: number; headers?: Record<string, string>; body?: string } | null) {
  const received: Received[] = [];
  const holding = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    received.push({ request, body: await text(request) });
    const answered = answer();
    if (!answered) return holding.resolve();
    response.writeHead(answered.status, answered.headers).end(answered.body ?? `refused with ${token}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  open.push(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, port, received, held: () => holding.promise, close };
}

async function post(provider: ReturnType<typeof webhook>, message: WebhookMessage = hook) {
  const { outcome } = await attemptSend(provider, message, {
    to: {},
    idempotencyKey: "m1",
    attempt: 1,
    metadata,
    clock: manualClock(),
  });
  await provider.close();
  return outcome;
}

providerContract(
  "webhook",
  {
    async open() {
      let behaviour: Behaviour = "accept";
      const answers = {
        accept: { status: 200 },
        rateLimit: { status: 429, headers: { "retry-after": "7" } },
        fail: { status: 500 },
        hang: null,
        reject: { status: 403 },
      };
      const { url, received, held, close } = await receiver(() => answers[behaviour]);
      return {
        provider: webhook({ url, secret, headers: { authorization: token }, allowPrivateNetwork: true }),
        message: hook,
        to: {},
        behave: (next: Behaviour) => void (behaviour = next),
        received: () => received.map(({ request }) => String(request.headers["idempotency-key"])),
        held,
        secrets: [secret, token],
        invalid: [
          { field: "secret", make: () => webhook({ url, secret: "short" }) },
          { field: "url", make: () => webhook({ url: "ftp://example.com", secret }) },
          { field: "headers", make: () => webhook({ secret, headers: token as unknown as Record<string, string> }) },
        ],
        close,
      };
    },
  },
  { test, expect },
);

describe("the request", () => {
  test("is JSON, signed over its time and its body, with the message's and the provider's headers", async () => {
    const { url, received } = await receiver(() => ({ status: 204 }));
    const provider = webhook({
      url,
      secret,
      headers: { authorization: token, "x-team": "provider" },
      allowPrivateNetwork: true,
    });
    const message = { ...hook, method: "PUT" as const, headers: { "X-Team": "message" }, body: { name: "Zoë" } };
    expect(await post(provider, message)).toEqual({ kind: "delivered", providerMessageId: null, statusCode: 204 });

    const { request, body } = received[0]!;
    expect(request.method).toBe("PUT");
    expect(body).toBe('{"name":"Zoë"}');
    expect(request.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "idempotency-key": "m1",
      authorization: token,
      "x-team": "message",
    });
    const now = manualClock().now();
    const signature = request.headers["x-knock-signature"] as string;
    expect(signature).toMatch(new RegExp(`^t=${now.getTime()},s=[A-Za-z0-9+/]{43}=$`));
    expect(verifySignature({ signature, body, secret, now })).toBe(true);
  });

  test("cannot have its signature, key or framing set by a message", async () => {
    const { url, received } = await receiver(() => ({ status: 200 }));
    const headers = {
      "X-Knock-Signature": "forged",
      "Idempotency-Key": "other",
      "Content-Length": "1",
      "Transfer-Encoding": "chunked",
      Host: "evil.example",
    };
    await post(webhook({ url, secret, allowPrivateNetwork: true }), { ...hook, headers });
    const { request, body } = received[0]!;
    expect(body).toBe('{"hello":"world"}');
    expect(request.headers["x-knock-signature"]).toMatch(/^t=/);
    expect(request.headers["idempotency-key"]).toBe("m1");
    expect(request.headers.host).toMatch(/^127\.0\.0\.1:/);
  });

  test("carries the provider's headers to its own origin only", async () => {
    const own = await receiver(() => ({ status: 200 }));
    const other = await receiver(() => ({ status: 200 }));
    const provider = () =>
      webhook({ url: own.url, secret, headers: { authorization: token }, allowPrivateNetwork: true });
    await post(provider(), { ...hook, url: other.url });
    expect(other.received[0]!.request.headers.authorization).toBeUndefined();
    await post(provider(), { ...hook, url: `${new URL(own.url).origin}/elsewhere` });
    expect(own.received[0]!.request.headers.authorization).toBe(token);
    expect(own.received[0]!.request.url).toBe("/elsewhere");
  });

  test("without a usable URL or header is not made", async () => {
    expect(await post(webhook({ secret }))).toMatchObject({ kind: "rejected", reason: expect.stringContaining("URL") });
    expect(await post(webhook({ secret }), { ...hook, url: "file:///etc/passwd" })).toMatchObject({ kind: "rejected" });
    expect(
      await post(webhook({ secret }), { ...hook, url: "https://example.com", headers: { "a b": "c" } }),
    ).toMatchObject({
      kind: "rejected",
      reason: expect.stringContaining("header"),
    });
  });
});

describe("the answer", () => {
  const statusOf = async (status: number, headers?: Record<string, string>) => {
    const { url } = await receiver(() => ({ status, ...(headers ? { headers } : {}) }));
    return post(webhook({ url, secret, allowPrivateNetwork: true }));
  };

  test.each([401, 403, 404, 405, 410])("%i is final", async (statusCode) => {
    expect(await statusOf(statusCode)).toMatchObject({ kind: "rejected", statusCode });
  });

  test.each([408, 500, 502, 503])("%i is tried again", async (statusCode) => {
    expect(await statusOf(statusCode)).toMatchObject({ kind: "retry", statusCode });
  });

  test("503 with an HTTP date waits until then", async () => {
    expect(await statusOf(503, { "retry-after": "Mon, 05 Jan 2026 09:01:00 GMT" })).toMatchObject({
      kind: "rateLimited",
      afterMs: 60_000,
    });
  });

  test("a redirect is not followed", async () => {
    const target = await receiver(() => ({ status: 200 }));
    expect(await statusOf(302, { location: target.url })).toMatchObject({ kind: "rejected", statusCode: 302 });
    expect(target.received).toEqual([]);
  });

  test("an endless body is cut off, the status counts", async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200);
      const more = () => response.write("x".repeat(16_384), (error) => error ?? more());
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push(() => void (server.closeAllConnections(), server.close()));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await post(webhook({ url, secret, allowPrivateNetwork: true }))).toMatchObject({ kind: "delivered" });
  });

  test("that never comes is not waited for beyond the time, and the request is let go", async () => {
    const { url, received, held } = await receiver(() => null);
    const clock = manualClock();
    const provider = webhook({ url, secret, allowPrivateNetwork: true });
    const attempt = attemptSend(provider, hook, { to: {}, idempotencyKey: "m1", attempt: 1, metadata, clock });
    await held();
    const left = once(received[0]!.request.socket, "close");
    await clock.advance(15_000);
    expect((await attempt).outcome).toMatchObject({ kind: "retry", reason: "no answer within 15s" });
    await left;
    await provider.close();
  });

  test("a receiver that is not there is tried again", async () => {
    const { url, close } = await receiver(() => null);
    close();
    expect(await post(webhook({ url, secret, allowPrivateNetwork: true }))).toMatchObject({
      kind: "retry",
      reason: expect.stringContaining("ECONNREFUSED"),
    });
  });
});

describe("private addresses", () => {
  test.each([
    "127.0.0.1",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "2130706433",
    "0x7f.1",
    "0.0.0.0",
    "169.254.169.254",
    "10.0.0.1",
  ])("%s is refused before anything is sent", async (host) => {
    const { port, received } = await receiver(() => ({ status: 200 }));
    const outcome = await post(webhook({ secret }), { ...hook, url: `http://${host}:${port}/hook` });
    expect(outcome).toMatchObject({ kind: "rejected", reason: expect.stringContaining("allowPrivateNetwork") });
    expect(received).toEqual([]);
  });

  test("a connection that was allowed elsewhere is not reused", async () => {
    const { port, received } = await receiver(() => ({ status: 200 }));
    const message = { ...hook, url: `http://localhost:${port}/hook` };
    const allowing = webhook({ secret, allowPrivateNetwork: true });
    await attemptSend(allowing, message, { to: {}, idempotencyKey: "m1", attempt: 1, metadata, clock: manualClock() });
    expect(await post(webhook({ secret }), message)).toMatchObject({ kind: "rejected" });
    expect(received.length).toBe(1);
    await allowing.close();
  });
});

describe("a signature", () => {
  const now = new Date("2026-01-05T09:00:00.000Z");
  // Computed with another implementation: printf '%s' '1767603600000.{"a":1}' | openssl dgst -sha256 -hmac … -binary | base64
  const signature = "t=1767603600000,s=D8dkigc9NOl2evcxOqNy/Xj2BG7Z5/AlKbLoKisSpxs=";
  const request = { signature, body: '{"a":1}', secret, now };

  test("is the one that other implementations compute", () => {
    expect(verifySignature(request)).toBe(true);
  });

  test.each([
    ["another body", { body: '{"a":2}' }],
    ["another secret", { secret: `${secret}x` }],
    ["another time", { signature: signature.replace("t=1767603600000", "t=1767603600001") }],
    ["an old request", { now: new Date(now.getTime() + 300_001) }],
    ["a request from the future", { now: new Date(now.getTime() - 300_001) }],
    ["no signature", { signature: undefined }],
    ["garbage", { signature: "t=1,s=x" }],
  ])("does not fit %s", (_what, change) => {
    expect(verifySignature({ ...request, ...change })).toBe(false);
  });
});
