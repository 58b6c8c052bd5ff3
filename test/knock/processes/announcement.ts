import { z } from "zod";
import { workflow } from "../../../src/definition/workflow.ts";

/** In-app to everyone, e-mail to those who did not opt out, and a reason for each. */
export default workflow("announcement", { data: z.object({ title: z.string().default("News") }) })
  .inApp("feed", { body: ({ data }) => data.title })
  .email("mail", { subject: ({ data }) => data.title, body: ({ recipient }) => `Dear ${recipient.id}` });
