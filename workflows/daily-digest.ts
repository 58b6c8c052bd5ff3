import { z } from "zod";
import { workflow } from "./people.ts";

const things = (count: number): string => (count === 1 ? "1 thing" : `${count} things`);

export default workflow("daily-digest", {
  name: "Daily digest",
  description: "What happened in somebody's projects: in the feed at once, by e-mail once each working day.",
  category: "collaboration",
  data: z.object({
    project_name: z.string().describe("Name of the project, as people know it."),
    what: z.string().max(500).describe("What happened, as it follows the name of the person who did it."),
    url: z.url().describe("Where to look at it."),
  }),
  examples: {
    "a file": { project_name: "Roadmap", what: "added a file", url: "https://example.com/projects/7/files/1" },
  },
})
  .inApp("feed", {
    body: ({ data, actor }) => `${actor?.name ?? "Someone"} ${data.what} in ${data.project_name}.`,
    actionUrl: ({ data }) => data.url,
  })
  .batch("day", {
    window: { frequency: "daily", days: ["monday", "tuesday", "wednesday", "thursday", "friday"], hours: 9 },
    order: "desc",
    take: 20,
  })
  .email("mail", {
    subject: ({ steps }) => `${things(steps.day.count)} happened in your projects`,
    body: ({ steps: { day } }) => {
      const projects = Map.groupBy(day.activities, ({ data }) => data.project_name);
      const parts = [...projects].map(([name, activities]) =>
        [name, ...activities.map(({ data, actor }) => `${actor?.name ?? "Someone"} ${data.what}: ${data.url}`)].join(
          "\n",
        ),
      );
      const earlier = day.count - day.activities.length;
      return [earlier > 0 ? `${things(earlier)} before these are in your feed.` : "", ...parts].join("\n\n").trim();
    },
  });
