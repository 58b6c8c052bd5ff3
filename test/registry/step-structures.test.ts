// What the compiler makes of each kind of step: the data that is stored, hashed and executed.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { code } from "../../src/definition/code.ts";
import { eq } from "../../src/definition/condition-builders.ts";
import { liquid } from "../../src/definition/content.ts";
import type { Chain } from "../../src/definition/fragment.ts";
import { openOn } from "../../src/definition/send-window.ts";
import { workflow, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { registryOf } from "../../src/registry/compile.ts";
import { waysOf } from "../../src/registry/structure.ts";

const channels = ["inApp", "email", "sms"].map((type) => ({ key: type, type }));
const compiled = (handle: WorkflowHandle, ...others: WorkflowHandle[]) =>
  registryOf(Object.fromEntries([handle, ...others].map((one) => [one.key, one])), { users: null, channels }).get(
    handle.key,
  )!;
const stepsOf = (handle: WorkflowHandle, ...others: WorkflowHandle[]) => compiled(handle, ...others).structure.steps;

const base = workflow("w", {
  data: z.object({ page: z.string(), due: z.iso.datetime(), every: z.string().optional() }),
});
const other = workflow("other", { data: z.object({ page: z.string() }) }).inApp("feed", { body: "b" });

describe("delay", () => {
  test.each([
    [base.delay("d", "90m"), { for: 5_400_000 }],
    [base.delay("d", { for: "1h" }), { for: 3_600_000 }],
    [base.delay("d", { until: ({ data }) => data.due }), { at: "data.due", offset: 0 }],
    [base.delay("d", { until: ({ data }) => data.due, before: "2h" }), { at: "data.due", offset: -7_200_000 }],
    [base.delay("d", { until: ({ data }) => data.due, after: "1d" }), { at: "data.due", offset: 86_400_000 }],
    [base.delay("d", { frequency: "hourly" }), { rule: { frequency: "hourly", minutes: 0 } }],
    [base.delay("d", { frequency: "daily", hours: 9 }), { rule: { frequency: "daily", hours: 9, minutes: 0 } }],
    [
      base.delay("d", { frequency: "weekly", days: ["friday", "monday", "friday"], minutes: 30 }),
      { rule: { frequency: "weekly", days: ["monday", "friday"], hours: 0, minutes: 30 } },
    ],
    [
      base.delay("d", { frequency: "monthly" }),
      { rule: { frequency: "monthly", hours: 0, minutes: 0, dayOfMonth: 1 } },
    ],
  ])("%#", (handle, wait) => {
    expect(stepsOf(handle)).toEqual([{ kind: "delay", ref: "d", when: null, wait }]);
  });

  test("has a condition", () => {
    const [step] = stepsOf(base.delay("d", { for: "1h", when: ({ data }) => eq(data.page, "p") }));
    expect(step).toMatchObject({ when: { op: "eq", ref: "data.page" }, wait: { for: 3_600_000 } });
  });
});

describe("batch", () => {
  test("with nothing but a window", () => {
    expect(stepsOf(base.batch("b", { window: "5m" }))).toEqual([
      {
        kind: "batch",
        ref: "b",
        when: null,
        key: null,
        window: { for: 300_000 },
        sliding: null,
        maxItems: null,
        order: "asc",
        take: 10,
        flushLeading: false,
      },
    ]);
  });

  test("with everything", () => {
    const step = base.batch("b", {
      key: ({ data, actor }) => [data.page, actor.id],
      window: "1h",
      sliding: { limit: "30m" },
      maxItems: 1000,
      order: "desc",
      take: 1,
      flushLeading: true,
    });
    expect(stepsOf(step)).toMatchObject([
      {
        key: ["data.page", "actor.id"],
        sliding: { limit: 1_800_000 },
        maxItems: 1000,
        order: "desc",
        take: 1,
        flushLeading: true,
      },
    ]);
  });

  test.each([
    [base.batch("b", { window: { until: ({ data }) => data.every } }), { at: "data.every", offset: 0 }],
    [base.batch("b", { window: { frequency: "daily" } }), { rule: { frequency: "daily", hours: 0, minutes: 0 } }],
  ])("a window from the data or the calendar: %#", (handle, window) => {
    expect(stepsOf(handle)).toMatchObject([{ window }]);
  });
});

test("throttle: defaults, and all of it", () => {
  expect(stepsOf(base.throttle("t", { window: "31d" }))).toEqual([
    { kind: "throttle", ref: "t", when: null, key: null, window: { for: 2_678_400_000 }, limit: 1, onBreach: "halt" },
  ]);
  const all = base.throttle("t", { key: ({ data }) => data.page, window: "1h", limit: 5, onBreach: "skip" });
  expect(stepsOf(all)).toMatchObject([{ key: ["data.page"], limit: 5, onBreach: "skip" }]);
});

test("cohort: ways with their weights, an empty way, and what decides", () => {
  const split = base.cohort("c", (c) => c.cohort("a", 1, (w) => w.sms("text", { body: "b" })).cohort("none", 2.5), {
    by: ({ data }) => data.page,
  });
  const [step] = stepsOf(split);
  expect(step).toMatchObject({
    kind: "cohort",
    when: null,
    by: ["data.page"],
    cohorts: [
      { name: "a", weight: 1, steps: [{ ref: "text" }] },
      { name: "none", weight: 2.5, steps: [] },
    ],
  });
  expect(waysOf(step!).map((way) => way.length)).toEqual([1, 0]);
  expect(stepsOf(base.cohort("c", (c) => c.cohort("a", 1).cohort("b", 0)))).toMatchObject([{ by: null }]);
});

describe("fetch", () => {
  const response = z.object({ plan: z.string().default("free") });

  test("defaults", () => {
    const step = base.fetch("f", { url: "https://api.example.com/me", response });
    expect(stepsOf(step)).toEqual([
      {
        kind: "fetch",
        ref: "f",
        when: null,
        method: "GET",
        timeout: 15_000,
        retry: null,
        slots: { url: { text: "https://api.example.com/me" } },
        response: {
          type: "object",
          properties: { plan: { type: "string", default: "free" } },
          required: ["plan"],
          additionalProperties: false,
        },
      },
    ]);
    expect(compiled(step).content.schemas.get("f")).toBe(response);
  });

  test("slots of all sorts; with a body it is a POST", () => {
    const step = base.fetch("f", {
      url: liquid("https://api.example.com/{{ data.page }}"),
      headers: { accept: "text/plain" },
      body: ({ data }) => ({ page: data.page }),
      response: z.array(z.string()),
      timeout: "1s",
      retry: { attempts: 1 },
    });
    expect(stepsOf(step)).toMatchObject([
      {
        method: "POST",
        timeout: 1000,
        retry: { attempts: 1, backoff: 10_000 },
        slots: {
          url: { liquid: "https://api.example.com/{{ data.page }}" },
          headers: { json: { accept: "text/plain" } },
          body: "code",
        },
        response: { type: "array" },
      },
    ]);
    expect(compiled(step).content.slots.get("f")).toMatchObject({ kind: "fetch", sources: { body: { kind: "code" } } });
  });
});

describe("waitFor", () => {
  test("an event with a match", () => {
    const step = base.waitFor("paid", {
      event: "invoice-paid",
      match: ({ data }) => ({ page: data.page, kind: "full", parts: 2 }),
      timeout: "30d",
    });
    expect(stepsOf(step)).toEqual([
      {
        kind: "waitFor",
        ref: "paid",
        when: null,
        on: {
          event: "invoice-paid",
          match: { page: { path: "data.page" }, kind: { value: "full" }, parts: { value: 2 } },
        },
        timeout: { for: 2_592_000_000 },
        onMatch: "continue",
        onTimeout: "continue",
        timedOut: null,
      },
    ]);
  });

  test("a message, with a way after the timeout", () => {
    const step = base.inApp("feed", { body: "b" }).waitFor("look", {
      message: "feed",
      status: "read",
      timeout: { until: ({ data }) => data.due },
      onMatch: "halt",
      timedOut: (w) => w.sms("text", { body: "b" }),
    });
    const [, wait] = stepsOf(step);
    expect(wait).toMatchObject({
      on: { message: "feed", status: "read" },
      timeout: { at: "data.due", offset: 0 },
      onMatch: "halt",
      timedOut: [{ ref: "text" }],
    });
    expect(waysOf(wait!)).toHaveLength(1);
    expect(stepsOf(base.waitFor("e", { event: "e", timeout: "1h" }))).toMatchObject([
      { on: { event: "e", match: {} } },
    ]);
  });
});

test("updateUser: the members that change", () => {
  const step = base.updateUser("u", { name: null, locale: "de", properties: ({ data }) => ({ page: data.page }) });
  expect(stepsOf(step)).toEqual([
    {
      kind: "updateUser",
      ref: "u",
      when: null,
      retry: null,
      slots: { name: { json: null }, locale: { text: "de" }, properties: "code" },
    },
  ]);
});

test("notify: the other workflow and what it is given; also itself", () => {
  const step = base
    .notify("n", other, { data: ({ data }) => ({ page: data.page }), lists: ["team"], cancellationKey: null })
    .notify("again", base, { data: { page: "p", due: "2026-01-01T00:00:00Z" } });
  expect(stepsOf(step, other)).toMatchObject([
    {
      kind: "notify",
      ref: "n",
      when: null,
      workflow: "other",
      retry: null,
      slots: { data: "code", lists: { json: ["team"] }, cancellationKey: { json: null } },
    },
    { ref: "again", workflow: "w", slots: { data: { json: { page: "p", due: "2026-01-01T00:00:00Z" } } } },
  ]);
});

test("a send window holds for the channel steps after it, also inside of ways, unless a step has its own", () => {
  const office = openOn("09:00", "17:00");
  const friday = { friday: { from: "08:00", until: "24:00" } };
  const step = base
    .inApp("before", { body: "b" })
    .sendWindow(office)
    .sms("after", { body: "b" })
    .branch("r", (b) =>
      b.when(
        "a",
        code("x", () => true),
        (w) => w.sms("inside", { body: "b" }).sendWindow(friday).sms("inner", { body: "b" }),
      ),
    )
    .email("own", { subject: "s", body: "b", sendWindow: friday, retry: { attempts: 5, backoff: "1m" } })
    .email("none", { subject: "s", body: "b", sendWindow: null, retry: {} })
    .sendWindow(null)
    .sms("always", { body: "b" })
    .onFailure((w) => w.sms("sorry", { body: "b" }));
  const { steps, onFailure } = compiled(step).structure;
  expect(steps).toMatchObject([
    { ref: "before", sendWindow: null, retry: null },
    { ref: "after", sendWindow: office },
    { arms: [{ steps: [{ sendWindow: office }, { ref: "inner", sendWindow: friday }] }] },
    { ref: "own", sendWindow: friday, retry: { attempts: 5, backoff: 60_000 } },
    { ref: "none", sendWindow: null, retry: { attempts: 3, backoff: 10_000 } },
    { ref: "always", sendWindow: null },
  ]);
  expect(onFailure).toMatchObject([{ ref: "sorry" }]);
  expect(Object.keys(office)).toEqual(["monday", "tuesday", "wednesday", "thursday", "friday"]);
});

test("a fragment adds its steps to whichever workflow uses it", () => {
  const tail = (chain: Chain<{ data: { page: string } }>) =>
    chain.delay("grace", "1h").sms("text", { body: ({ data }) => data.page });
  const first = stepsOf(base.inApp("feed", { body: "b" }).use(tail));
  expect(first.map(({ ref }) => ref)).toEqual(["feed", "grace", "text"]);
  expect(stepsOf(workflow("v", { data: z.object({ page: z.string() }) }).use(tail))).toEqual(first.slice(1));
});

test("without onFailure there is nothing to do after a failure", () => {
  expect(compiled(base.inApp("feed", { body: "b" })).structure.onFailure).toBeNull();
});
