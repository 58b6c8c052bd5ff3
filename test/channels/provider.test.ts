import { inspect } from "node:util";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { KnockError } from "../../src/base/errors.ts";
import { closeChannels, resolveChannels } from "../../src/channels/channel.ts";
import { env } from "../../src/channels/env.ts";
import type { EmailMessage } from "../../src/channels/messages.ts";
import { sent } from "../../src/channels/outcome.ts";
import { defineProvider } from "../../src/channels/provider.ts";
import type { Provider } from "../../src/channels/provider.ts";
import { capture } from "../../src/channels/providers/capture.ts";
import { inApp } from "../../src/channels/providers/in-app.ts";
import { attemptSend } from "../../src/channels/send.ts";
import { manualClock } from "../support/manual-clock.ts";
import { email } from "../support/messages.ts";

const metadata = { workflow: "welcome", recipientId: "user_1", tenant: null };
const to = { email: "ada@example.com", name: null };
const send = (provider: Provider<"email">) =>
  attemptSend(provider, email, { to, idempotencyKey: "m1", attempt: 1, metadata, clock: manualClock() });

const seen: unknown[] = [];
const pigeon = defineProvider({
  key: "pigeon",
  channel: "email",
  options: z.strictObject({
    token: z.string().min(8),
    port: z.coerce.number<number | string>().default(25),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  visible: ["port"],
  send(message, { options, to, signal }) {
    expectTypeOf(message).toEqualTypeOf<EmailMessage>();
    expectTypeOf(to).toEqualTypeOf<{ email: string; name: string | null }>();
    expectTypeOf(options.port).toEqualTypeOf<number>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    seen.push(options);
    return sent();
  },
});

describe("options", () => {
  test("are parsed at once when they hold no reference", async () => {
    const provider = pigeon({ token: "token-1234", port: "587" });
    await send(provider);
    expect(seen.at(-1)).toStrictEqual({ token: "token-1234", port: 587 });
    expect(provider.resolve({})).toBe(provider);
  });

  test("are refused by name, all at once, without repeating a value", () => {
    const make = () => pigeon({ token: "short", port: "secret-port" });
    expect(make).toThrow(/"pigeon".*"token".*"port"/s);
    expect(make).not.toThrow(/short|secret-port/);
    // @ts-expect-error no such option
    expect(() => pigeon({ token: "token-1234", prot: 25 })).toThrow('Unrecognized key: "prot"');
    // @ts-expect-error the token is missing
    expect(() => pigeon({})).toThrow('"token"');
    // @ts-expect-error wrong type
    expect(() => pigeon({ token: 5 })).toThrow('"token"');
  });

  test("a value quoted by the schema's own message is hidden", () => {
    const define = defineProvider({
      key: "loud",
      channel: "sms",
      options: z.object({ token: z.string().refine(() => false, { error: ({ input }) => `${String(input)} is bad` }) }),
      send: () => sent(),
    });
    expect(() => define({ token: "secret-9" })).toThrow('option "token": [hidden] is bad');
  });

  test("with references are checked as far as they are known, the rest when resolved", async () => {
    const provider = pigeon({
      token: env("PIGEON_TOKEN"),
      port: env("PIGEON_PORT", "26"),
      headers: { "x-key": env("PIGEON_KEY") },
    });
    const ready = provider.resolve({ PIGEON_TOKEN: "token-1234", PIGEON_KEY: "k" });
    await send(ready);
    expect(seen.at(-1)).toStrictEqual({ token: "token-1234", port: 26, headers: { "x-key": "k" } });
    expect(() => provider.resolve({ PIGEON_KEY: "k", PIGEON_TOKEN: "short" })).toThrow('"token"');
    expect(() => provider.resolve({})).toThrow("PIGEON_TOKEN, PIGEON_KEY");
    expect(() => pigeon({ token: "short", port: env("PIGEON_PORT") })).toThrow('"token"');
    // @ts-expect-error no such option
    expect(() => pigeon({ token: env("PIGEON_TOKEN"), prot: 25 })).toThrow("prot");
  });

  test("that are not resolved send nothing", async () => {
    const before = seen.length;
    const { outcome } = await send(pigeon({ token: env("PIGEON_TOKEN") }));
    expect(outcome).toMatchObject({ kind: "retry", reason: expect.stringContaining("PIGEON_TOKEN") });
    expect(seen.length).toBe(before);
  });
});

describe("printing", () => {
  const provider = pigeon({ token: "token-1234", headers: { authorization: "bearer-5678" } });

  test("shows the visible options and hides the others", () => {
    expect(JSON.parse(JSON.stringify(provider))).toEqual({
      key: "pigeon",
      channel: "email",
      options: { token: "[hidden]", port: 25, headers: "[hidden]" },
      concurrency: 16,
      rate: null,
      timeoutMs: 15_000,
    });
  });

  test("shows data and no functions", () => {
    expect(inspect(provider)).toContain("key: 'pigeon'");
    expect(inspect(provider)).not.toContain("[Function");
  });

  test("shows references by name", () => {
    expect(JSON.stringify(pigeon({ token: env("PIGEON_TOKEN", "fallback-secret") }))).toContain(
      '"token":"env(PIGEON_TOKEN)"',
    );
  });

  test("shows no secret in any other way", () => {
    for (const value of [provider, { ...provider }, provider.options, { nested: [provider] }]) {
      expect(inspect(value, { depth: null })).not.toMatch(/token-1234|bearer-5678/);
      expect(JSON.stringify(value)).not.toMatch(/token-1234|bearer-5678/);
    }
  });

  test("a secret is scrubbed in each of its spellings, with what is inside a URL", () => {
    const define = defineProvider({
      key: "url",
      channel: "sms",
      options: z.object({ url: z.string() }),
      send: () => sent(),
    });
    const { scrub } = define({ url: "https://user-1:p%40ss-word@example.com/x" });
    expect(scrub("login user-1 with p@ss-word or p%40ss-word failed")).toBe(
      "login [hidden] with [hidden] or [hidden] failed",
    );
    expect(scrub(`AUTH ${Buffer.from("p@ss-word").toString("base64")}`)).toBe("AUTH [hidden]");
  });
});

describe("limits", () => {
  const limited = defineProvider({
    key: "limited",
    channel: "sms",
    options: z.object({}),
    rate: { count: 5, per: "1s" },
    send: () => sent(),
  });

  test("come from the definition and can be set for one deployment", () => {
    expect(limited()).toMatchObject({ concurrency: 16, rate: { count: 5, per: "1s" }, timeoutMs: 15_000 });
    expect(limited({}, { concurrency: 2, rate: { count: 1, per: "1m" }, timeout: "3s" })).toMatchObject({
      concurrency: 2,
      rate: { count: 1, per: "1m" },
      timeoutMs: 3_000,
    });
  });

  test.each([
    { concurrency: 0 },
    { concurrency: 1.5 },
    { rate: { count: 0, per: "1s" as const } },
    { rate: { count: 1, per: "0s" as const } },
    { timeout: "1.5s" as const },
    { timeout: "0s" as const },
  ])("%j is refused", (limits) => {
    expect(() => limited({}, limits)).toThrow('provider "limited"');
  });
});

describe("connections", () => {
  test("are opened before the first send, once, and closed", async () => {
    const log: string[] = [];
    const define = defineProvider({
      key: "pooled",
      channel: "email",
      options: z.object({}),
      open: () => {
        log.push("open");
        return { id: log.length };
      },
      send: (_message, { connection }) => {
        log.push(`send over ${connection.id}`);
        return sent();
      },
      close: ({ id }) => void log.push(`close ${id}`),
    });
    const provider = define();
    await provider.close();
    expect(log).toEqual([]);
    await Promise.all([send(provider), send(provider)]);
    await provider.close();
    expect(log).toEqual(["open", "send over 1", "send over 1", "close 1"]);
  });

  test("that could not be opened are tried again with the next send", async () => {
    let tries = 0;
    const define = defineProvider({
      key: "flaky",
      channel: "email",
      options: z.object({}),
      open: () => {
        if (++tries === 1) throw new Error("no route");
        return "connection";
      },
      send: () => sent(),
    });
    const provider = define();
    expect((await send(provider)).outcome).toMatchObject({ kind: "retry", reason: "no route" });
    expect((await send(provider)).outcome.kind).toBe("sent");
  });
});

describe("channels", () => {
  test("take their type from the provider; a sandbox spares the feed", () => {
    const channels = resolveChannels(
      { feed: inApp(), mail: pigeon({ token: env("T") }) },
      { environment: { T: "token-1234" }, sandbox: true },
    );
    expect(channels.feed).toMatchObject({ key: "feed", type: "inApp", sandbox: false });
    expect(channels.mail).toMatchObject({ key: "mail", type: "email", sandbox: true });
  });

  test("report the problems of all of them at once", () => {
    const resolve = () =>
      resolveChannels(
        { a: pigeon({ token: env("A_TOKEN") }), b: pigeon({ token: env("B_TOKEN") }) },
        { environment: { B_TOKEN: "short" } },
      );
    expect(resolve).toThrow(/channel "a".*A_TOKEN.*channel "b".*"token"/s);
    try {
      resolve();
    } catch (error) {
      expect(KnockError.is(error, "INVALID_CONFIG")).toBe(true);
    }
  });

  test("keep a capture provider itself, and close all", async () => {
    const mail = capture("email");
    const channels = resolveChannels({ mail }, { environment: {} });
    expect(channels.mail?.provider).toBe(mail);
    await closeChannels(channels);
  });
});
