import { workflowFor } from "knock";
import { z } from "zod";

/** What this project knows of its users beside name, e-mail address and the like. */
export const users = z.object({
  plan: z.enum(["free", "pro"]).optional().describe("What the user pays for."),
});

/** `workflow`, with recipients that have these properties. */
export const workflow = workflowFor(users);
