import { not } from "knock";
import { z } from "zod";
import { workflow } from "./people.ts";

const excerpt = (text: string) => (text.length > 140 ? `${text.slice(0, 139)}…` : text);

export default workflow("new-comment", {
  name: "New comment",
  description: "Someone commented on a project.",
  category: "collaboration",
  data: z.object({
    comment_id: z.string().describe("The comment."),
    project_id: z.string().describe("The project that was commented on."),
    comment_text: z.string().max(10_000).describe("What was said."),
    project_name: z.string().describe("Name of the project, as people know it."),
  }),
  examples: {
    "one comment": { comment_id: "c_1", project_id: "7", comment_text: "Ship it?", project_name: "Roadmap" },
  },
})
  .inApp("feed", {
    title: ({ data, actor }) => `${actor?.name ?? "Someone"} commented on ${data.project_name}`,
    body: ({ data }) => excerpt(data.comment_text),
    actionUrl: ({ data }) => `/projects/${data.project_id}#comment-${data.comment_id}`,
  })
  .delay("grace", "10m")
  .email("mail", {
    when: ({ steps }) => not(steps.feed.seen),
    subject: ({ data }) => `New comment on ${data.project_name}`,
    body: ({ data, actor }) => `${actor?.name ?? "Someone"} wrote:\n\n${data.comment_text}`,
  });
