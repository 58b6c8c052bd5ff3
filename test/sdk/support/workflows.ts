import { z } from "zod";
import { workflow } from "../../../src/definition/workflow.ts";

/** The workflow of the founding document. */
export const newUserInvited = workflow("new-user-invited", {
  category: "account",
  data: z.object({ invitee_name: z.string(), invitee_role: z.string().optional() }),
  examples: { one: { invitee_name: "Grace" } },
})
  .inApp("feed", {
    body: ({ data, actor, recipient }) =>
      `${recipient.name ?? recipient.id}: ${actor?.name ?? "Someone"} invited ${data.invitee_name}`,
    actionUrl: "/members",
  })
  .email("mail", { subject: ({ data }) => `${data.invitee_name} was invited`, body: "Look." });

/** A comment, in the feed alone. */
export const newComment = workflow("new-comment", {
  category: "collaboration",
  data: z.object({ text: z.string(), n: z.number().optional() }),
  examples: { one: { text: "Ship it?" } },
}).inApp("feed", { title: "New comment", body: ({ data }) => data.text, actionUrl: "/comments" });

/** Waits for an hour, so that it can be cancelled. */
export const later = workflow("later", { data: z.object({}), examples: { one: {} } })
  .delay("wait", "1h")
  .inApp("feed", { body: "At last." });
