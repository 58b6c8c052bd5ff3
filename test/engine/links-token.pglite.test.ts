import { describe, expect, test } from "vitest";
import {
  PREFERENCES_LINK_DAYS,
  readPreferencesLink,
  readUnsubscribeLink,
  signPreferencesLink,
  signUnsubscribeLink,
  type UnsubscribeLink,
} from "../../src/engine/links/token.ts";
import { START } from "../support/engine.ts";

const secret = "first secret, of thirty-two characters or more";
const other = "second secret, of thirty-two characters as well";
const link: UnsubscribeLink = {
  userId: "user_1",
  tenantId: "acme",
  workflow: "weekly-digest",
  channelType: "email",
  commercial: false,
};
const DAY = 86_400_000;
const daysLater = (days: number) => new Date(START.getTime() + days * DAY);

describe("what was signed is read", () => {
  test.each<Partial<UnsubscribeLink>>([
    {},
    { tenantId: null },
    { commercial: true, channelType: "sms" },
    { userId: "#projects/7", tenantId: "Zürich ☃" },
    { userId: "ü".repeat(256), tenantId: "🦊".repeat(256), workflow: "w".repeat(255), channelType: "webhook" },
  ])("%j", (part) => {
    const given = { ...link, ...part };
    const token = signUnsubscribeLink([secret], given);
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(readUnsubscribeLink([secret], token)).toEqual(given);
    const { userId, tenantId } = given;
    const page = signPreferencesLink([secret], { userId, tenantId }, START);
    expect(readPreferencesLink([secret], page, START)).toEqual({ userId, tenantId });
  });

  test("the last character is none that programs leave out of a link", () => {
    const ends = Array.from({ length: 200 }, (_, index) =>
      signUnsubscribeLink([secret], { ...link, userId: `user_${index}` }).at(-1),
    );
    expect(new Set(ends)).toEqual(new Set(["1"]));
  });
});

describe("what was not signed so is refused", () => {
  const token = signUnsubscribeLink([secret], link);

  test("any other character in any place", () => {
    for (let at = 0; at < token.length; at++) {
      for (const character of "Aa0_-.%") {
        if (token[at] === character) continue;
        const tampered = token.slice(0, at) + character + token.slice(at + 1);
        expect(readUnsubscribeLink([secret], tampered), `${character} at ${at}`).toBeNull();
      }
    }
  });

  test.each([
    "",
    "1",
    token.slice(1),
    token.slice(0, -1),
    `${token}1`,
    `1${token}`,
    token.repeat(200),
    "{}",
    "EXAMPLE",
  ])("%.20s", (given) => {
    expect(readUnsubscribeLink([secret], given)).toBeNull();
    expect(readPreferencesLink([secret], given, START)).toBeNull();
  });

  test("a link is good for its own purpose alone", () => {
    expect(readPreferencesLink([secret], token, START)).toBeNull();
    const page = signPreferencesLink([secret], { userId: "user_1", tenantId: null }, START);
    expect(readUnsubscribeLink([secret], page)).toBeNull();
  });

  test("a secret that nobody has any more", () => {
    expect(readUnsubscribeLink([other], token)).toBeNull();
    expect(readUnsubscribeLink([], token)).toBeNull();
  });
});

test("while secrets change, links of the old one are taken and new ones are signed with the new one", () => {
  const old = signUnsubscribeLink([secret], link);
  const rotated = [other, secret];
  expect(readUnsubscribeLink(rotated, old)).toEqual(link);
  const fresh = signUnsubscribeLink(rotated, link);
  expect(readUnsubscribeLink([other], fresh)).toEqual(link);
  expect(readUnsubscribeLink([secret], fresh)).toBeNull();
});

test("the page of preferences opens for 90 days, and a link to it is the same all day long", () => {
  const page = signPreferencesLink([secret], { userId: "user_1", tenantId: null }, START);
  expect(signPreferencesLink([secret], { userId: "user_1", tenantId: null }, daysLater(0.5))).toBe(page);
  expect(readPreferencesLink([secret], page, daysLater(PREFERENCES_LINK_DAYS))).not.toBeNull();
  expect(readPreferencesLink([secret], page, daysLater(PREFERENCES_LINK_DAYS + 1))).toBeNull();
});
