import { expect, test } from "vitest";
import { createTestKnock } from "knock/testing";
import { users } from "../../workflows/people.ts";
import welcomeToKnock from "../../workflows/welcome-to-knock.ts";

test("a new user is welcomed by name, in the feed and by e-mail", async () => {
  await using knock = await createTestKnock({ workflows: [welcomeToKnock], users });
  await knock.recipient({ id: "ada", name: "Ada", email: "ada@example.com", plan: "pro" });
  await knock.notify(welcomeToKnock, { recipients: ["ada", "ada"], data: {} });
  expect(knock.sent("inApp")).toMatchObject([
    { title: "Welcome!", body: expect.stringContaining("Good to have you, Ada.") },
  ]);
  expect(knock.sent("email")).toMatchObject([
    { to: { email: "ada@example.com", name: "Ada" }, subject: "Welcome to Knock" },
  ]);
});
