// The checkout of the story: what its team deploys first, and what it makes of it.
import type { Files } from "../../cli/support/project.ts";

const file = (text: string): string => `import { workflow } from "knock";\nimport { z } from "zod";\n\n${text}`;

const example = (more: string) =>
  `examples: { "one order": { order: "A-1", ships_at: "2026-03-01T09:00:00Z", ${more}speed: "normal" } }`;

const orderBefore = file(`export default workflow("order", {
  data: z.object({ order: z.string(), ships_at: z.iso.datetime(), speed: z.enum(["normal", "fast", "express"]) }),
  ${example("")},
})
  .inApp("received", { body: "We have your order." })
  .delay("hold", { until: ({ data }) => data.ships_at })
  .inApp("shipped", { body: ({ data }) => "Order " + data.order + " is on its way." })
  .inApp("survey", { body: ({ data }) => "How do you like " + data.order + "?" })
  .inApp("thanks", { body: "Thank you." });
`);

/** Another wait, another order, a step less and a step more, other texts, a new required key, a narrower enum. */
const orderAfter = file(`export default workflow("order", {
  data: z.object({
    order: z.string(),
    ships_at: z.iso.datetime(),
    ready_at: z.iso.datetime(),
    speed: z.enum(["normal", "fast"]),
  }),
  ${example('ready_at: "2026-02-28T09:00:00Z", ')},
})
  .inApp("received", { body: "We have your order." })
  .delay("hold", { until: ({ data }) => data.ready_at })
  .inApp("thanks", { body: "Thank you!" })
  .inApp("shipped", { body: ({ data }) => "Order " + data.order + " left by " + data.speed + " mail." })
  .inApp("track", { body: ({ data }) => "Follow " + data.order + "." });
`);

const TITLE = `data: z.object({ title: z.string() }),\n  examples: { "some news": { title: "News" } },`;

const digestBefore = file(`export default workflow("digest", {
  ${TITLE}
})
  .batch("news", { window: "1h" })
  .inApp("feed", { body: ({ steps }) => steps.news.count + " news" })
  .inApp("note", { body: "There is more in the archive." });
`);

/** A longer window, which three fill; other words, and one fixed text less. */
const digestAfter = file(`export default workflow("digest", {
  ${TITLE}
})
  .batch("news", { window: "2h", maxItems: 3 })
  .inApp("feed", { body: ({ steps }) => steps.news.count + " new things" });
`);

const summaryBefore = file(`export default workflow("summary", {
  ${TITLE}
})
  .batch("all", { window: "1h" })
  .inApp("feed", { body: ({ data, steps }) => steps.all.count + " times " + data.title });
`);

/** Collects nothing any more. */
const summaryAfter = file(`export default workflow("summary", {
  ${TITLE}
})
  .inApp("feed", { body: ({ data }) => "Just now: " + data.title });
`);

const config = `import { defineConfig, inApp } from "knock";
import * as workflows from "./workflows/index.ts";

export default defineConfig({ workflows, channels: { feed: inApp() } });
`;

/** The index that has these workflows and no others. */
export const indexOf = (...keys: string[]): string =>
  keys.map((key) => `export { default as ${key} } from "./${key}.ts";\n`).join("");

const around: Files = {
  "package.json": '{ "type": "module", "private": true }',
  ".gitignore": "node_modules\n",
  "knock.config.ts": config,
};

/** The first commit. */
export const before: Files = {
  ...around,
  "workflows/index.ts": indexOf("digest", "order", "summary"),
  "workflows/digest.ts": digestBefore,
  "workflows/order.ts": orderBefore,
  "workflows/summary.ts": summaryBefore,
};

/** What the second commit changes. */
export const after: Files = {
  "workflows/digest.ts": digestAfter,
  "workflows/order.ts": orderAfter,
  "workflows/summary.ts": summaryAfter,
};

/** The checkout of the server and the worker: older than all of this. */
export const oldest: Files = {
  ...around,
  "workflows/index.ts": indexOf("hello"),
  "workflows/hello.ts": file(
    `export default workflow("hello", { data: z.object({}) }).inApp("feed", { body: "Hello" });\n`,
  ),
};
