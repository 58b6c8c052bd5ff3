import { liquid } from "knock";
import { z } from "zod";
import { workflow } from "./people.ts";

export default workflow("new-user-invited", {
  name: "New user invited",
  description: "Someone invited a person to the account.",
  category: "account",
  data: z.object({
    invitee_name: z.string().min(1).describe("Name of the person who was invited."),
    invitee_email: z.email().describe("Where the invitation went."),
    invitee_role: z.enum(["admin", "member", "guest"]).describe("What the person may do once in."),
  }),
  examples: {
    "a member": { invitee_name: "Grace", invitee_email: "grace@example.com", invitee_role: "member" },
  },
})
  .inApp("feed", {
    body: ({ data, actor }) => `${actor?.name ?? "Someone"} invited ${data.invitee_name} as ${data.invitee_role}.`,
    actionUrl: "/settings/members",
  })
  .email("mail", {
    subject: ({ data }) => `${data.invitee_name} was invited to your account`,
    preheader: ({ data }) => `${data.invitee_email} can join as ${data.invitee_role}.`,
    body: liquid(
      [
        "Hello{% if recipient.name %} {{ recipient.name }}{% endif %},",
        "{{ actor.name | default: 'Someone' }} invited {{ data.invitee_name }} ({{ data.invitee_email }}) to your account as {{ data.invitee_role }}.",
        "If this is not right, you can withdraw the invitation under Settings, Members.",
      ].join("\n\n"),
    ),
  });
