// What each kind of step infers for those after it, and what it refuses; checked by the compiler.
import { z } from "zod";
import { all, eq, gt } from "../../src/definition/condition-builders.ts";
import { liquid } from "../../src/definition/content.ts";
import type { Chain } from "../../src/definition/fragment.ts";
import type { ChannelResult } from "../../src/definition/scope.ts";
import { openOn } from "../../src/definition/send-window.ts";
import { workflow, workflowFor } from "../../src/definition/workflow.ts";

const people = workflowFor(z.object({ plan: z.enum(["free", "pro"]), welcomed: z.boolean().optional() }));
const data = z.object({ title: z.string(), page: z.string(), count: z.number().default(1), dueAt: z.iso.datetime() });
const base = people("comment", { data });
const other = workflow("other", { data: z.object({ title: z.string(), size: z.enum(["s", "m"]).default("s") }) });
const bare = workflow("bare", { data: z.object({}) });
const User = z.object({ plan: z.string(), seats: z.number().default(1) });

// Batches.
base
  .batch("comments", {
    key: ({ data, actor }) => [data.page, actor.id],
    window: "5m",
    sliding: { limit: "1h" },
    maxItems: 100,
    order: "desc",
    take: 20,
    flushLeading: true,
    when: ({ recipient }) => eq(recipient.plan, "pro"),
  })
  .email("mail", {
    when: ({ steps }) => all(gt(steps.comments.count, 1), eq(steps.comments.firstActor.plan, "pro")),
    subject: ({ steps }) => `${steps.comments.count.toFixed()} by ${steps.comments.firstActor?.name}`,
    body: ({ steps: { comments } }) =>
      [
        ...comments.activities.map(({ data, at, actor }) => data.title.toUpperCase() + at + actor?.plan),
        ...comments.actors.map(({ name, plan }) => `${name} ${plan}`),
        comments.actorCount.toFixed(),
        String(comments.flushed satisfies boolean),
      ].join(),
  });
base.batch("b", { key: ({ data }) => data.page, window: { frequency: "daily", hours: 9, days: ["monday"] } });
base.batch("b", { window: { until: ({ data }) => data.dueAt, before: "1h" } });
// @ts-expect-error a window is needed
base.batch("b", { key: ({ data }) => data.page });
// @ts-expect-error a key is made of references
base.batch("b", { key: ({ data }) => `${data.page}`, window: "5m" });
// @ts-expect-error a day that does not exist
base.batch("b", { window: { frequency: "daily", days: ["someday"] } });
// @ts-expect-error a number is no point in time
base.batch("b", { window: { until: ({ data }) => data.count } });
// @ts-expect-error an order that does not exist
base.batch("b", { window: "5m", order: "newest" });
// @ts-expect-error the activities hold the workflow's own data
base.batch("b", { window: "5m" }).sms("text", { body: ({ steps }) => steps.b.activities.map((a) => a.data.titel)[0]! });

// Throttles.
base
  .throttle("quiet", { window: "1h", limit: 3, key: ({ data }) => data.page, onBreach: "skip" })
  .sms("text", { when: ({ steps }) => eq(steps.quiet.breached, false), body: "b" });
// @ts-expect-error a breach halts or skips
base.throttle("quiet", { window: "1h", onBreach: "stop" });

// Delays.
base
  .delay("a", { for: "1h", when: ({ recipient }) => eq(recipient.plan, "free") })
  .delay("b", { until: ({ data }) => data.dueAt, after: "2h" })
  .delay("c", { frequency: "weekly", days: ["monday"], hours: 9, when: ({ data }) => eq(data.title, "x") });
// @ts-expect-error a frequency that does not exist
base.delay("a", { frequency: "yearly" });

// Cohorts.
const split = base.cohort(
  "trial",
  (c) =>
    c
      .cohort("short", 50, (w) => w.sms("text", { body: ({ data }) => data.title }))
      .cohort("long", 25, (w) => w.delay("wait", "1d").email("mail", { subject: "s", body: "b" }))
      .cohort("none", 25),
  { by: ({ recipient }) => recipient.email },
);
split.inApp("feed", {
  when: ({ steps }) => eq(steps.trial.cohort, "short"),
  body: ({ steps }) => `${steps.trial.cohort satisfies "short" | "long" | "none" | null} ${steps.text?.sent}`,
});
// @ts-expect-error a cohort that does not exist
split.inApp("feed", { when: ({ steps }) => eq(steps.trial.cohort, "sort"), body: "b" });
// @ts-expect-error steps of a way may not have run
split.inApp("feed", { body: ({ steps }) => String(steps.text.sent) });
// @ts-expect-error two ways of one name
base.cohort("trial", (c) => c.cohort("a", 1).cohort("a", 1));

// Calls of other systems.
const fetched = base.fetch("user", {
  url: ({ data }) => `https://api.example.com/users/${data.page}`,
  headers: () => ({ authorization: "Bearer x" }),
  response: User,
  timeout: "5s",
  retry: { attempts: 2, backoff: "1s" },
  example: { plan: "pro" },
});
fetched.inApp("feed", {
  when: ({ steps }) => all(gt(steps.user.data.seats, 3), eq(steps.user.skipped, false)),
  body: ({ steps: { user } }) => (user.skipped ? "nobody" : user.data.plan.toUpperCase() + user.status.toFixed()),
});
fetched.inApp("feed", { body: ({ steps }) => steps.user.data?.plan ?? "nobody" });
// @ts-expect-error a call that was skipped has no answer
fetched.inApp("feed", { body: ({ steps }) => steps.user.data.plan });
// @ts-expect-error what the response does not have
fetched.inApp("feed", { when: ({ steps }) => eq(steps.user.data.plam, "pro"), body: "b" });
// @ts-expect-error the response says what the answer is
base.fetch("user", { url: "https://api.example.com" });
// @ts-expect-error a method that does not exist
base.fetch("user", { url: "https://api.example.com", method: "FETCH", response: User });
// @ts-expect-error an example that does not fit
base.fetch("user", { url: "https://api.example.com", response: User, example: { plan: 1 } });

// Waits.
const waited = base
  .inApp("feed", { body: "b" })
  .delay("grace", "1m")
  .waitFor("look", {
    message: "feed",
    status: "read",
    timeout: "1h",
    onMatch: "halt",
    timedOut: (w) => w.sms("text", { body: ({ steps }) => String(steps.feed.seen) }),
  })
  .waitFor("paid", {
    event: "invoice-paid",
    match: ({ data, recipient }) => ({ page: data.page, plan: recipient.plan, kind: "full", parts: 3 }),
    timeout: { until: ({ data }) => data.dueAt },
    onTimeout: "continue",
  });
waited.chat("room", {
  when: ({ steps }) => all(steps.look.timedOut, eq(steps.paid.matched, true)),
  body: ({ steps }) => `${steps.text?.sent} ${steps.paid.event?.amount}`,
});
// @ts-expect-error steps after a timeout may not have run
waited.chat("room", { body: ({ steps }) => String(steps.text.sent) });
// @ts-expect-error a step that makes no message
base.delay("grace", "1m").waitFor("look", { message: "grace", status: "read", timeout: "1h" });
// @ts-expect-error a step that does not stand before
base.waitFor("look", { message: "feed", status: "read", timeout: "1h" });
// @ts-expect-error something that cannot become of a message
base.inApp("feed", { body: "b" }).waitFor("look", { message: "feed", status: "liked", timeout: "1h" });
// @ts-expect-error a wait has an end
base.waitFor("paid", { event: "invoice-paid" });
// @ts-expect-error a match is made of references and literals
base.waitFor("paid", { event: "invoice-paid", timeout: "1h", match: ({ data }) => ({ page: () => data.page }) });

// Changes of the recipient.
base
  .updateUser("mark", { name: ({ data }) => data.title, locale: null, properties: { welcomed: true } })
  .updateUser("again", {
    properties: ({ data }) => ({ plan: data.count > 1 ? "pro" : "free" }),
    retry: { attempts: 5 },
  })
  .inApp("feed", { body: ({ steps }) => String(steps.mark.skipped) });
bare.updateUser("mark", { properties: { anything: [1] } });
// @ts-expect-error a property that users do not have
base.updateUser("mark", { properties: { welcome: true } });
// @ts-expect-error a value that the property does not have
base.updateUser("mark", { properties: ({ data }) => ({ plan: data.title }) });
// @ts-expect-error a member that users do not have
base.updateUser("mark", { nickname: "x" });

// Other workflows.
base
  .notify("tell", other, { data: { title: "x" } })
  .notify("tell-all", other, {
    data: ({ data }) => ({ title: data.title, size: "m" }),
    recipients: ({ actor }) => (actor ? [actor.id] : []),
    lists: ["team"],
    actor: null,
    tenant: ({ tenant }) => tenant?.id ?? null,
    cancellationKey: liquid("{{ data.page }}"),
  })
  .notify("greet", bare, {})
  .notify("again", base, { data: ({ data }) => data })
  .inApp("feed", { body: ({ steps }) => steps.tell.notification ?? "not told" });
// @ts-expect-error data that the other workflow needs
base.notify("tell", other, {});
// @ts-expect-error data of another type
base.notify("tell", other, { data: ({ data }) => ({ title: data.count }) });
// @ts-expect-error a value that the other workflow does not know
base.notify("tell", other, { data: { title: "x", size: "l" } });
// @ts-expect-error the workflow is given as a value, not as its key
base.notify("tell", "other", { data: { title: "x" } });

// Send windows and tries.
base
  .sendWindow(openOn("09:00", "17:00"))
  .email("mail", { subject: "s", body: "b", retry: { attempts: 5, backoff: "1m" } })
  .sms("text", { body: "b", sendWindow: null })
  .push("bell", { body: "b", sendWindow: { monday: { from: "10:00", until: "24:00" } } })
  .sendWindow(null);
// @ts-expect-error a day that does not exist
base.sendWindow({ someday: { from: "09:00", until: "17:00" } });
// @ts-expect-error a delay sends nothing
base.delay("d", { for: "1h", sendWindow: null });

// Fragments.
const escalate = (chain: Chain<{ data: { title: string }; steps: { feed: ChannelResult } }>) =>
  chain
    .delay("grace", "1h")
    .sms("text", { when: ({ steps }) => eq(steps.feed.seen, false), body: ({ data }) => data.title });
const upgrade = (chain: Chain<{ properties: { plan: "free" | "pro" } }>) =>
  chain.email("upgrade", { when: ({ recipient }) => eq(recipient.plan, "free"), subject: "s", body: "b" });
base
  .inApp("feed", { body: "b" })
  .use(escalate)
  .use(upgrade)
  .use((chain) => chain.push("bell", { body: ({ data, steps }) => data.page + String(steps.text.sent) }))
  .chat("room", {
    body: ({ steps }) => `${steps.text.sent} ${steps.grace.skipped} ${steps.upgrade.sent} ${steps.bell.sent}`,
  });
other
  .inApp("feed", { body: "b" })
  .branch("r", (b) =>
    b.when(
      "a",
      ({ steps }) => steps.feed.seen,
      (w) => w.use(escalate),
    ),
  )
  .chat("room", { body: ({ steps }) => String(steps.text?.sent) })
  .onFailure((w) => w.inApp("oh", { body: "b" }));
// @ts-expect-error The fragment reads data that this workflow does not have.
bare.inApp("feed", { body: "b" }).use(escalate);
// @ts-expect-error The fragment reads steps that do not stand before it in this workflow.
base.use(escalate);
// @ts-expect-error The fragment reads properties that the users of this workflow do not have.
other.use(upgrade);
// @ts-expect-error A step "text" exists already: the fragment cannot add another one.
base.inApp("feed", { body: "b" }).sms("text", { body: "b" }).use(escalate);

// Failures.
const guarded = base.email("mail", { subject: "s", body: "b" }).onFailure((w) =>
  w.inApp("sorry", {
    when: ({ failure }) => eq(failure.step, "mail"),
    body: ({ failure, steps, data }) => `${failure.reason.length} ${steps.mail?.sent} ${data.title}`,
  }),
);
export const key: "comment" = guarded.key;
// @ts-expect-error nothing comes after it
guarded.sms("text", { body: "b" });
const mailed = base.email("mail", { subject: "s", body: "b" });
// @ts-expect-error a step that failed has no result
mailed.onFailure((w) => w.sms("text", { body: ({ steps }) => String(steps.mail.sent) }));
// @ts-expect-error a ref of the steps before
mailed.onFailure((w) => w.sms("mail", { body: "b" }));
// @ts-expect-error there is no failure before one
base.sms("text", { body: ({ failure }) => failure.reason });
