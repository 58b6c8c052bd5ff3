// What the chain infers and what it refuses; checked by the compiler.
import { z } from "zod";
import { code } from "../../src/definition/code.ts";
import type { Condition } from "../../src/definition/conditions.ts";
import { liquid } from "../../src/definition/content.ts";
import type { Ref } from "../../src/definition/refs.ts";
import { workflow, workflowFor } from "../../src/definition/workflow.ts";

declare function eq<T>(ref: Ref<T>, value: NoInfer<T>): Condition;

const people = workflowFor(z.object({ plan: z.enum(["free", "pro"]) }));
const data = z.object({ title: z.string(), count: z.number().default(1), dueAt: z.iso.datetime() });
const base = people("new-comment", { data, examples: { one: { title: "Hi", dueAt: "2026-01-01T00:00:00Z" } } });

const chain = base
  .inApp("feed", {
    body: ({ data, recipient }) => `${data.title.toUpperCase()} ${data.count.toFixed()} ${recipient.plan}`,
  })
  .delay("grace", "1h")
  .delay("due", { until: ({ data }) => data.dueAt })
  .email("mail", {
    when: ({ recipient }) => eq(recipient.plan, "pro"),
    subject: liquid("{{ data.title }}"),
    body: ({ steps }) => (steps.feed.seen ? "seen" : "not seen"),
  })
  .branch("route", (b) =>
    b
      .when(
        "urgent",
        ({ steps }) => steps.mail.read,
        (w) => w.sms("text", { body: "x" }),
      )
      .when(
        "eu",
        code("in the EU", ({ recipient }) => recipient.timezone === "Europe/Berlin"),
        (w) => w.push("buzz", { body: "y" }),
      )
      .otherwise((w) => w.delay("later", "1d")),
  )
  .chat("after", { body: ({ steps }) => `${steps.text?.seen} ${steps.buzz?.seen} ${steps.feed.seen}` });

export type Key = typeof chain.key;
export const key: "new-comment" = chain.key;

base.email("linked", { subject: "s", body: ({ links }) => links.preferences.concat(links.unsubscribe) });
// @ts-expect-error a link that there is none of
base.inApp("feed", { body: ({ links }) => links.settings });
// @ts-expect-error nothing can be decided by links
base.inApp("feed", { when: ({ links }) => eq(links.preferences, ""), body: "a" });
// @ts-expect-error a ref is used once
base.inApp("feed", { body: "a" }).email("feed", { subject: "a", body: "b" });
// @ts-expect-error results of a step that comes later
base.inApp("feed", { body: ({ steps }) => String(steps.mail) });
// @ts-expect-error steps inside an arm may not have run
chain.chat("more", { body: ({ steps }) => String(steps.text.seen) });
// @ts-expect-error an unknown field of the data
base.inApp("feed", { body: ({ data }) => data.titel });
// @ts-expect-error a literal that the enum does not have
base.inApp("feed", { when: ({ recipient }) => eq(recipient.plan, "gold"), body: "a" });
// @ts-expect-error not a duration
base.delay("grace", "1 hour");
// @ts-expect-error a number is no timestamp
base.delay("due", { until: ({ data }) => data.count });
// @ts-expect-error a selector returns data, not a boolean
base.inApp("feed", { when: ({ recipient }) => recipient.plan === "pro", body: "a" });
// @ts-expect-error content that is not finished when it returns
base.inApp("feed", { body: async () => "a" });
// @ts-expect-error an e-mail needs a subject
base.email("mail", { body: "a" });
// @ts-expect-error examples fit the schema
people("x", { data, examples: { one: { title: 1 } } });
// @ts-expect-error data is an object schema
workflow("x", { data: z.string() });
// @ts-expect-error the unbound workflow knows no properties of users
workflow("x", { data }).inApp("feed", { body: ({ recipient }) => recipient.plan });
