import { describe, expect, test } from "vitest";
import {
  bounced,
  delivered,
  outcomeOfResponse,
  parseRetryAfter,
  rateLimited,
  rejected,
  retry,
  sent,
} from "../../src/channels/outcome.ts";

const now = new Date("2026-01-05T09:00:00.000Z");

test("the constructors make plain values", () => {
  expect(sent("m1")).toEqual({ kind: "sent", providerMessageId: "m1", statusCode: null });
  expect(delivered()).toEqual({ kind: "delivered", providerMessageId: null, statusCode: null });
  expect(retry("busy", { after: "5m", statusCode: 500 })).toEqual({
    kind: "retry",
    reason: "busy",
    afterMs: 300_000,
    statusCode: 500,
  });
  expect(retry("busy").afterMs).toBeNull();
  expect(rateLimited("30s")).toMatchObject({ kind: "rateLimited", afterMs: 30_000 });
  expect(rejected("no", { statusCode: 422 })).toEqual({ kind: "rejected", reason: "no", statusCode: 422 });
  expect(bounced("no such mailbox").kind).toBe("bounced");
});

describe("an HTTP status", () => {
  const kindOf = (status: number, headers: Record<string, string> = {}) =>
    outcomeOfResponse(new Response(null, { status, headers }), now).kind;

  test.each([
    [200, "sent"],
    [202, "sent"],
    [204, "sent"],
    [301, "rejected"],
    [400, "rejected"],
    [401, "rejected"],
    [403, "rejected"],
    [404, "rejected"],
    [405, "rejected"],
    [408, "retry"],
    [410, "rejected"],
    [422, "rejected"],
    [429, "retry"],
    [500, "retry"],
    [502, "retry"],
    [503, "retry"],
    [599, "retry"],
  ])("%i is %s", (status, kind) => {
    expect(kindOf(status)).toBe(kind);
  });

  test.each([429, 503])("%i with Retry-After is a rate limit", (status) => {
    expect(outcomeOfResponse(new Response(null, { status, headers: { "retry-after": "12" } }), now)).toEqual({
      kind: "rateLimited",
      afterMs: 12_000,
      reason: `the provider answered ${status}`,
      statusCode: status,
    });
  });

  test("Retry-After means nothing on other statuses, and nothing when it is unreadable", () => {
    expect(kindOf(500, { "retry-after": "12" })).toBe("retry");
    expect(kindOf(400, { "retry-after": "12" })).toBe("rejected");
    expect(kindOf(429, { "retry-after": "soon" })).toBe("retry");
  });
});

describe("Retry-After", () => {
  test.each([
    ["0", 0],
    ["120", 120_000],
    ["1.5", 1_500],
    [" 7 ", 7_000],
    ["Mon, 05 Jan 2026 09:00:30 GMT", 30_000],
    ["Monday, 05-Jan-26 09:00:30 GMT", 30_000],
    ["Mon Jan  5 09:00:30 2026", 30_000],
    ["Mon, 05 Jan 2026 08:00:00 GMT", 0],
  ])("%j asks to wait %i ms", (header, milliseconds) => {
    expect(parseRetryAfter(header, now)).toBe(milliseconds);
  });

  test.each([null, "", "-5", "soon", "5 apples", "2026-01-05", "Mon, 99 Foo 2026 GMT", "1e3"])(
    "%j is not understood",
    (header) => {
      expect(parseRetryAfter(header, now)).toBeNull();
    },
  );
});
