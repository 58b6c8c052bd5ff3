import { expect, test } from "vitest";
import { z } from "zod";
import { rejected, sent } from "../../src/channels/outcome.ts";
import type { Outcome } from "../../src/channels/outcome.ts";
import { defineProvider } from "../../src/channels/provider.ts";
import type { SendContext } from "../../src/channels/provider.ts";
import { attemptSend } from "../../src/channels/send.ts";
import { manualClock } from "../support/manual-clock.ts";

const metadata = { workflow: "welcome", recipientId: "user_1", tenant: "acme" };

function texting(answer: (context: SendContext<"sms">) => Outcome | Promise<Outcome>, clock = manualClock()) {
  const define = defineProvider({
    key: "texting",
    channel: "sms",
    options: z.object({ token: z.string() }),
    send: (_message, context) => answer(context),
  });
  const context = { to: { phoneNumber: "+15550100" }, idempotencyKey: "m1", attempt: 3, metadata, clock };
  return attemptSend(define({ token: "token-1234" }), { body: "Hello" }, context);
}

const reasonOf = (outcome: Outcome) => ("reason" in outcome ? outcome.reason : null);

test("the provider is handed everything about the attempt", async () => {
  let handed: SendContext<"sms"> | undefined;
  const { outcome } = await texting((context) => {
    handed = context;
    return sent("x");
  });
  expect(outcome).toEqual(sent("x"));
  expect(handed).toMatchObject({
    to: { phoneNumber: "+15550100" },
    idempotencyKey: "m1",
    attempt: 3,
    metadata,
    now: manualClock().now(),
  });
  expect(handed?.fetch).toBe(globalThis.fetch);
  expect(handed?.signal.aborted).toBe(false);
});

test("a hang becomes a retry when the time is over, with the signal aborted", async () => {
  const clock = manualClock();
  let signal: AbortSignal | undefined;
  const attempt = texting((context) => {
    signal = context.signal;
    return new Promise(() => {});
  }, clock);
  await clock.advance(14_999);
  expect(signal?.aborted).toBe(false);
  await clock.advance(1);
  expect(await attempt).toEqual({
    outcome: { kind: "retry", reason: "no answer within 15s", afterMs: null, statusCode: null },
    startedAt: new Date("2026-01-05T09:00:00.000Z"),
    finishedAt: new Date("2026-01-05T09:00:15.000Z"),
  });
  expect(signal?.aborted).toBe(true);
});

test("the error that the abort causes does not replace the reason", async () => {
  const clock = manualClock();
  const attempt = texting(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    clock,
  );
  await clock.advance(15_000);
  expect(reasonOf((await attempt).outcome)).toBe("no answer within 15s");
});

test("an answer in time leaves no timer behind", async () => {
  const clock = manualClock();
  await texting(() => sent(), clock);
  expect(clock.pending()).toBe(0);
});

test("a throw becomes a retry that tells the cause", async () => {
  const cause = new Error("connect ECONNREFUSED 192.0.2.1:443");
  const { outcome } = await texting(() => Promise.reject(new TypeError("fetch failed", { cause })));
  expect(outcome).toMatchObject({ kind: "retry", reason: "fetch failed: connect ECONNREFUSED 192.0.2.1:443" });
  expect(
    (
      await texting(() => {
        throw "text";
      })
    ).outcome,
  ).toMatchObject({ kind: "retry", reason: "text" });
});

test("a reason holds no secret, no control characters and no whole page", async () => {
  const { outcome } = await texting(() => rejected(`no\u001b[2J entry\r\nfor token-1234 ${"x".repeat(600)}`));
  const reason = reasonOf(outcome)!;
  expect(reason).toMatch(/^no \[2J entry for \[hidden\] x+…$/);
  expect(reason.length).toBe(501);
  expect(
    reasonOf(
      (
        await texting(() => {
          throw new Error("bad token-1234");
        })
      ).outcome,
    ),
  ).toBe("bad [hidden]");
});

test("a provider that returns nothing is not asked eight times", async () => {
  // @ts-expect-error no outcome
  const { outcome } = await texting(() => undefined);
  expect(outcome).toEqual(rejected('provider "texting" returned no outcome'));
});
