import { expect, test } from "vitest";
import type { Address, ChannelType, RenderedMessage } from "../../../src/channels/messages.ts";
import { consoleProvider } from "../../../src/channels/providers/console.ts";
import { inApp } from "../../../src/channels/providers/in-app.ts";
import { attemptSend } from "../../../src/channels/send.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { email, hook } from "../../support/messages.ts";

const metadata = { workflow: "welcome", recipientId: "user_1", tenant: null };

async function shown<Type extends ChannelType>(
  type: Type,
  message: RenderedMessage<Type>,
  to: Address<Type>,
): Promise<string> {
  const blocks: string[] = [];
  const provider = consoleProvider(type, { write: (block) => blocks.push(block) });
  const { outcome } = await attemptSend(provider, message, {
    to,
    idempotencyKey: "m1",
    attempt: 1,
    metadata,
    clock: manualClock(),
  });
  expect(outcome.kind).toBe("sent");
  expect(blocks.length).toBe(1);
  return blocks[0]!;
}

test("an email is one block with its head and its text", async () => {
  const message = { ...email, text: "Hello Ada\n\nBye\n", cc: ["c@example.com"], preheader: "Come in" };
  expect(await shown("email", message, { email: "ada@example.com", name: "Ada" })).toBe(
    [
      "┌ email to Ada <ada@example.com> (user_1) from welcome",
      "│ subject: Welcome",
      "│ cc: c@example.com",
      "│ preheader: Come in",
      "│ Hello Ada",
      "│",
      "│ Bye",
      "└",
      "",
    ].join("\n"),
  );
});

test("every channel type is shown", async () => {
  expect(
    await shown("inApp", { title: "T", body: "B", actionUrl: "/a", data: { n: 1 } }, { userId: "user_1" }),
  ).toContain('│ data: {"n":1}\n│ B');
  expect(await shown("sms", { body: "B" }, { phoneNumber: "+15550100" })).toContain("sms to +15550100");
  expect(await shown("push", { title: null, body: "B", actionUrl: null, data: null }, { tokens: ["a"] })).toContain(
    "push to 1 device (",
  );
  expect(await shown("chat", { body: "B" }, { to: "#team", data: {} })).toContain("chat to #team");
  expect(await shown("webhook", hook, {})).toContain('│ request: POST\n│ {\n│   "hello"');
});

test("text cannot steer the terminal", async () => {
  const block = await shown("sms", { body: "a\u001b[2Jb\u0007\u009bc\r\nd" }, { phoneNumber: "+15550100" });
  expect(block).not.toMatch(/[^\P{Cc}\n]/u);
  expect(block).toContain("│ a[2Jbc\n│ d\n");
});

test("the feed is delivered by being stored", async () => {
  const message = { title: null, body: "B", actionUrl: null, data: null };
  const context = { to: { userId: "user_1" }, idempotencyKey: "m1", attempt: 1, metadata, clock: manualClock() };
  expect((await attemptSend(inApp(), message, context)).outcome.kind).toBe("delivered");
});
