import { expect, test } from "vitest";
import { eq, KnockError, not, workflow } from "knock";
import { createTestKnock } from "knock/testing";
import { z } from "zod";

const digest = workflow("digest", { data: z.object({ text: z.string(), urgent: z.boolean().default(false) }) })
  .inApp("feed", { body: ({ data }) => data.text })
  .branch("route", (b) =>
    b
      .when(
        "urgent",
        ({ data }) => eq(data.urgent, true),
        (w) => w.sms("text", { body: "Now!" }),
      )
      .otherwise((w) => w.delay("rest", "1d")),
  )
  .email("mail", { when: ({ steps }) => not(steps.feed.read), subject: "Still unread", body: ({ data }) => data.text });

test("time stands still until it is told to move, and visits each due moment in order", async () => {
  await using knock = await createTestKnock({ workflows: [digest], now: "2026-03-01T00:00:00Z" });
  await knock.recipient({ id: "ada", email: "ada@example.com", phoneNumber: "+41790000000" });
  await knock.notify(digest, { recipients: ["ada"], data: { text: "first" } });
  await knock.advance("12h");
  await knock.notify(digest, { recipients: ["ada"], data: { text: "second" } });
  expect(knock.sent("email")).toEqual([]);
  await knock.advance("12h");
  expect(knock.sent("email").map(({ text }) => text)).toEqual(["first"]);
  await knock.advance("12h");
  expect(knock.sent("email").map(({ text }) => text)).toEqual(["first", "second"]);
  expect(knock.clock.now()).toEqual(new Date("2026-03-02T12:00:00Z"));
});

test("the way through a branch decides what follows", async () => {
  await using knock = await createTestKnock({ workflows: [digest] });
  await knock.recipient({ id: "ada", email: "ada@example.com", phoneNumber: "+41790000000" });
  await knock.notify(digest, { recipients: ["ada"], data: { text: "fire", urgent: true } });
  expect(knock.sent("sms")).toMatchObject([{ body: "Now!", to: { phoneNumber: "+41790000000" } }]);
  expect(knock.sent("email")).toMatchObject([{ subject: "Still unread" }]);
});

test("what a person has read is known to later steps", async () => {
  await using knock = await createTestKnock({ workflows: [digest] });
  await knock.recipient({ id: "ada", email: "ada@example.com" });
  await knock.notify(digest, { recipients: ["ada"], data: { text: "first" } });
  await knock.mark("ada", "READ");
  await knock.advance("2d");
  expect(knock.sent("email")).toEqual([]);
  expect(await knock.story()).toContain("steps.feed.read is true, wanted false");
});

test("a cancelled run goes no further", async () => {
  await using knock = await createTestKnock({ workflows: [digest] });
  await knock.recipient({ id: "ada", email: "ada@example.com" });
  await knock.notify(digest, { recipients: ["ada"], data: { text: "first" }, cancellationKey: "k" });
  expect(await knock.cancel("k")).toEqual({ runs: 1 });
  await knock.advance("2d");
  expect(knock.sent("email")).toEqual([]);
});

test("a refused call throws the error that the API would answer", async () => {
  await using knock = await createTestKnock({ workflows: [digest] });
  const call = knock.notify(digest, { recipients: [], data: { text: "nobody" } });
  await expect(call).rejects.toSatisfy((error) => KnockError.is(error, "RECIPIENTS_REQUIRED"));
});

test("two systems at once know nothing of each other, and one that is reused begins empty", async () => {
  for (let round = 0; round < 2; round++) {
    await using one = await createTestKnock({ workflows: [digest] });
    await using other = await createTestKnock({ workflows: [digest] });
    await one.notify(digest, { recipients: ["ada"], data: { text: "one" } });
    expect(one.sent("inApp")).toHaveLength(1);
    expect(other.sent("inApp")).toHaveLength(0);
  }
});

test("content that reads links gets some where the system has them", async () => {
  const linked = workflow("linked", { data: z.object({}) }).email("mail", {
    subject: "s",
    body: ({ links }) => links.preferences,
  });
  const links = { url: "https://notify.example.com", secrets: ["a secret of thirty-two characters or more"] };
  await using knock = await createTestKnock({ workflows: [linked], links });
  await knock.recipient({ id: "ada", email: "ada@example.com" });
  await knock.notify(linked, { recipients: ["ada"], data: {} });
  expect(knock.sent("email")[0]!.text).toMatch(/^https:\/\/notify\.example\.com\/preferences\/[\w-]+$/);
});
