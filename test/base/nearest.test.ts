import { expect, test } from "vitest";
import { nearest } from "../../src/base/nearest.ts";

const keys = ["new-comment", "new-user-invited", "welcome-to-knock"];

test.each([
  ["new-coment", "new-comment"],
  ["NEW-COMMENT", "new-comment"],
  ["welcome-knock", "welcome-to-knock"],
])("%s probably meant %s", (text, meant) => expect(nearest(text, keys)).toBe(meant));

test.each(["", "invoice-paid", "x"])("%j is near to nothing", (text) => expect(nearest(text, keys)).toBeNull());

test("a huge text is answered at once", () => {
  expect(nearest("x".repeat(1_000_000), keys)).toBeNull();
});
