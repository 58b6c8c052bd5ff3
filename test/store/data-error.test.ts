import { expect, test } from "vitest";
import { KnockError } from "../../src/base/errors.ts";
import { isDataError } from "../../src/store/data-error.ts";

const withCode = (code: string) => new Error("query failed", { cause: Object.assign(new Error("because"), { code }) });

test.each(["22P05", "22021", "23505", "23514", "54000", "21000"])("%s speaks of the data", (code) => {
  expect(isDataError(withCode(code))).toBe(true);
});

test.each(["40P01", "53100", "53200", "57014", "25006", "42703", "XX000", "ECONNRESET", "EPIPE"])(
  "%s does not",
  (code) => {
    expect(isDataError(withCode(code))).toBe(false);
  },
);

test("code that threw does, a database that is away does not", () => {
  expect(isDataError(new RangeError("Invalid string length"))).toBe(true);
  expect(isDataError(new KnockError("INVALID_INPUT", { subject: "The call", issues: [] }))).toBe(true);
  expect(isDataError(new KnockError("DATABASE_UNREACHABLE", { address: "a", problem: "p" }))).toBe(false);
});
