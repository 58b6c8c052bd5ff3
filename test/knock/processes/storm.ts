// One workflow with every kind of step, those that it starts, and a schedule's. Whatever happens to the processes,
// what comes out depends on the calls alone, but for how activities are distributed over batches.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { eq } from "../../../src/definition/condition-builders.ts";
import { workflow } from "../../../src/definition/workflow.ts";

/** Throws when it is asked for the first time, in whatever process: a file tells the next one. */
function secondTime(file: string, text: string): string {
  if (existsSync(file)) return text;
  writeFileSync(file, "");
  throw new Error("not yet");
}

export const nested = workflow("nested", { data: z.object({ order: z.string() }) })
  .delay("short", "100ms")
  .inApp("feed", { body: ({ data }) => data.order });

export const tick = workflow("tick", { data: z.object({ name: z.string() }) }).inApp("feed", {
  body: ({ data }) => data.name,
});

export const everything = workflow("everything", {
  data: z.object({
    call: z.number(),
    order: z.string(),
    topic: z.string(),
    nap: z.string(),
    odd: z.boolean(),
    /** Where the fetch step asks. */
    url: z.url(),
    /** Folder in which the step that fails at first remembers for whom it did. */
    marks: z.string(),
  }),
  examples: {
    one: { call: -1, order: "a", topic: "t", nap: "1s", odd: true, url: "https://example.com", marks: "" },
  },
})
  .updateUser("mark", { properties: { stormed: true } })
  .inApp("feed", { body: ({ data }) => data.order })
  .delay("nap", { until: ({ data }) => data.nap })
  .branch("way", (branch) =>
    branch
      .when(
        "odd",
        ({ data }) => eq(data.odd, true),
        (steps) => steps.inApp("odd", { body: "odd" }).delay("again", "200ms"),
      )
      .otherwise((steps) => steps.email("even", { subject: "even", body: "even" })),
  )
  .cohort("half", (cohorts) =>
    cohorts.cohort("told", 50, (steps) => steps.inApp("told", { body: "told" })).cohort("untold", 50),
  )
  .fetch("answer", {
    url: ({ data }) => data.url,
    response: z.object({ text: z.string() }),
    retry: { attempts: 10, backoff: "50ms" },
  })
  .waitFor("go", { event: "go", match: ({ data }) => ({ order: data.order }), timeout: "1h" })
  .notify("next", nested, { data: ({ data }) => ({ order: data.order }) })
  .throttle("few", { window: "1h", limit: 3, onBreach: "skip" })
  .email("mail", { subject: "mail", body: ({ steps }) => steps.answer.data?.text ?? "no answer" })
  .inApp("shaky", {
    body: ({ data, recipient }) =>
      data.call < 0 ? "" : secondTime(join(data.marks, `${data.call} ${recipient.id}`), "shaky"),
    retry: { attempts: 10, backoff: "50ms" },
  })
  .batch("talk", { key: ({ data }) => data.topic, window: "400ms", sliding: { limit: "1s" }, maxItems: 5 })
  .inApp("digest", { body: ({ steps }) => String(steps.talk.count) })
  .email("letter", { subject: "letter", body: "letter" })
  .onFailure((steps) => steps.inApp("sorry", { body: ({ failure }) => failure.step }));
