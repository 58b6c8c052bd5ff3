import { expect, test } from "vitest";
import { createTestKnock } from "knock/testing";
import newUserInvited from "../../workflows/new-user-invited.ts";
import { users } from "../../workflows/people.ts";

const data = { invitee_name: "Grace", invitee_email: "grace@example.com", invitee_role: "guest" } as const;

test("an invitation tells who invited whom as what, in both parts of the e-mail", async () => {
  await using knock = await createTestKnock({ workflows: [newUserInvited], users });
  await knock.recipient({ id: "ada", name: "Ada", email: "ada@example.com" });
  await knock.recipient({ id: "lin", name: "Lin <3", email: "lin@example.com" });
  await knock.notify(newUserInvited, { recipients: ["ada"], actor: "lin", data });

  expect(knock.sent("inApp")).toMatchObject([
    { body: "Lin <3 invited Grace as guest.", actionUrl: "/settings/members" },
  ]);
  const [mail] = knock.sent("email");
  expect(mail).toMatchObject({ subject: "Grace was invited to your account" });
  expect(mail!.text).toContain("Lin <3 invited Grace (grace@example.com)");
  expect(mail!.html).toContain("Lin &lt;3 invited Grace (grace@example.com)");
});

test("without an e-mail address the feed still works, and the reason is kept", async () => {
  await using knock = await createTestKnock({ workflows: [newUserInvited], users });
  await knock.notify(newUserInvited, { recipients: ["nobody"], data });
  expect(knock.sent("inApp")).toMatchObject([{ body: "Someone invited Grace as guest." }]);
  expect(await knock.story()).toContain("MISSING_ADDRESS: the recipient has no email address");
});

test("without an actor the e-mail does not begin with nobody", async () => {
  await using knock = await createTestKnock({ workflows: [newUserInvited], users });
  await knock.recipient({ id: "ada", name: "Ada", email: "ada@example.com" });
  await knock.notify(newUserInvited, { recipients: ["ada"], data });
  expect(knock.sent("email")[0]!.text).toContain("\n\nSomeone invited Grace (grace@example.com)");
});
