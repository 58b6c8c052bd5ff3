import { expect, test } from "vitest";
import { columnNames } from "../../src/api/pages/words.ts";
import { english } from "../../src/react/words.ts";

test("kinds of channels are called the same in components and on hosted pages", () => {
  const { IN_APP: inApp, EMAIL: email, SMS: sms, PUSH: push, CHAT: chat, WEBHOOK: webhook } = english.channels;
  expect(columnNames).toEqual({ inApp, email, sms, push, chat, webhook });
});
