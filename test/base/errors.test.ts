import { expect, test } from "vitest";
import { KnockError } from "../../src/base/errors.ts";

test("an error says what happened and what to do next, and carries its details", () => {
  const error = new KnockError("UNKNOWN_WORKFLOW", { workflow: "new-coment", nearest: "new-comment" });
  expect(error).toMatchObject({
    code: "UNKNOWN_WORKFLOW",
    message: 'There is no workflow "new-coment".',
    hint: 'Did you mean "new-comment"?',
    details: { nearest: "new-comment" },
  });
});

test("codes tell errors apart, also after a catch", () => {
  const error: unknown = new KnockError("RECIPIENTS_REQUIRED", {});
  expect(KnockError.is(error)).toBe(true);
  expect(KnockError.is(error, "RECIPIENTS_REQUIRED")).toBe(true);
  expect(KnockError.is(error, "INVALID_DATA")).toBe(false);
  expect(KnockError.is(new Error("RECIPIENTS_REQUIRED"))).toBe(false);
});

test("the cause is kept", () => {
  const cause = new Error("connection refused");
  expect(new KnockError("INTERNAL", { incident: "abc" }, { cause }).cause).toBe(cause);
});

test("a duplicate says whether the input was the same", () => {
  const details = { notificationId: "n1", firstAt: new Date("2026-01-05T09:00:00Z") };
  expect(new KnockError("DUPLICATE_NOTIFICATION", { ...details, sameInput: true }).hint).toContain(
    "Nothing is left to do",
  );
  expect(new KnockError("DUPLICATE_NOTIFICATION", { ...details, sameInput: false }).hint).toContain("new key");
});
