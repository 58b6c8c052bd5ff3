import { expect, test } from "vitest";
import { channelTypes } from "../../../src/channels/messages.ts";
import { rateLimited, rejected, retry, sent } from "../../../src/channels/outcome.ts";
import type { Outcome } from "../../../src/channels/outcome.ts";
import { capture } from "../../../src/channels/providers/capture.ts";
import { attemptSend } from "../../../src/channels/send.ts";
import { providerContract } from "../../../src/testing/provider-contract.ts";
import type { Behaviour } from "../../../src/testing/provider-contract.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { email } from "../../support/messages.ts";

const to = { email: "ada@example.com", name: null };

function open() {
  let behaviour: Behaviour = "accept";
  const hanging = Promise.withResolvers<void>();
  const answers: Record<Exclude<Behaviour, "hang">, Outcome> = {
    accept: sent(),
    rateLimit: rateLimited("7s"),
    fail: retry("down", { statusCode: 500 }),
    reject: rejected("no", { statusCode: 400 }),
  };
  const provider = capture("email", {
    answer() {
      if (behaviour !== "hang") return answers[behaviour];
      hanging.resolve();
      return new Promise(() => {});
    },
  });
  return {
    provider,
    message: email,
    to,
    behave: (next: Behaviour) => void (behaviour = next),
    received: () => provider.messages.map(({ idempotencyKey }) => idempotencyKey),
    held: () => hanging.promise,
    secrets: [],
    invalid: [],
    close() {},
  };
}

providerContract("capture", { open }, { test, expect });

test("keeps messages in order with their context, for every channel type", async () => {
  const provider = capture("email");
  const metadata = { workflow: "welcome", recipientId: "user_1", tenant: null };
  const clock = manualClock();
  await attemptSend(provider, email, { to, idempotencyKey: "m1", attempt: 2, metadata, clock });
  expect(provider.messages).toEqual([
    { message: email, to, idempotencyKey: "m1", attempt: 2, metadata, at: clock.now() },
  ]);
  for (const type of channelTypes) expect(capture(type).channel).toBe(type);
});
