import { describe, expect, test } from "vitest";
import { addressOf } from "../../src/channels/address.ts";
import type { Addressee } from "../../src/channels/address.ts";
import { channelTypes } from "../../src/channels/messages.ts";

const nobody: Addressee = { id: "user_1", name: null, email: null, phoneNumber: null, channelData: {} };
const ada: Addressee = {
  id: "user_1",
  name: "Ada",
  email: "ada@example.com",
  phoneNumber: "+15550100",
  channelData: {
    phone: { tokens: ["a", "b", "a", "", 7] },
    slack: { to: "#team", token: "t" },
    teams: { url: "https://example.com" },
  },
};

test("each channel type reads its own part of the recipient", () => {
  expect(addressOf("inApp", ada, "feed").address).toEqual({ userId: "user_1" });
  expect(addressOf("email", ada, "mail").address).toEqual({ email: "ada@example.com", name: "Ada" });
  expect(addressOf("sms", ada, "text").address).toEqual({ phoneNumber: "+15550100" });
  expect(addressOf("webhook", ada, "hook").address).toEqual({});
});

test("push takes the tokens of its own channel, each once, and nothing that is no token", () => {
  expect(addressOf("push", ada, "phone").address).toEqual({ tokens: ["a", "b"] });
  expect(addressOf("push", ada, "watch").address).toBeNull();
});

test("chat takes the channel data whole, and the room when it names one", () => {
  expect(addressOf("chat", ada, "slack").address).toEqual({ to: "#team", data: { to: "#team", token: "t" } });
  expect(addressOf("chat", ada, "teams").address).toEqual({ to: null, data: { url: "https://example.com" } });
});

test("who has nothing is reached by the feed and the webhook, and told why not by the others", () => {
  const reasons = Object.fromEntries(channelTypes.map((type) => [type, addressOf(type, nobody, "key").reason]));
  expect(reasons).toEqual({
    inApp: null,
    email: "the recipient has no email address",
    sms: "the recipient has no phone number",
    push: 'the recipient has no push token for channel "key"',
    chat: 'the recipient has no channel data for channel "key"',
    webhook: null,
  });
});

describe("an email that is not exactly one address", () => {
  test.each([
    "ada",
    "ada@",
    "@example.com",
    "a@example.com, b@example.com",
    "Ada <ada@example.com>",
    "ada@example.com\r\nBcc: x@example.com",
    "a b@example.com",
  ])("%j is refused without being repeated", (email) => {
    const { address, reason } = addressOf("email", { ...ada, email }, "mail");
    expect(address).toBeNull();
    expect(reason).toBe("the recipient's email address is not valid");
  });

  test("an empty one counts as none", () => {
    expect(addressOf("email", { ...ada, email: "  " }, "mail").reason).toBe("the recipient has no email address");
  });
});
