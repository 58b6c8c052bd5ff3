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

test("an input that is not valid says where, and how much else there is", () => {
  const issue = (path: (string | number)[]) => ({ path, message: "A user id is empty.", code: "invalid_id" });
  const error = (paths: (string | number)[][]) =>
    new KnockError("INVALID_INPUT", { subject: "The call", issues: paths.map(issue) });
  expect(error([["recipients", 3], ["actor"], ["recipients", 4]]).message).toBe(
    "The call is not valid: recipients.3: A user id is empty. (and 2 more)",
  );
  expect(error([[]]).message).toBe("The call is not valid: A user id is empty.");
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
