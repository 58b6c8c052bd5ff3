// What the compiler refuses in steps in time, in ways, and in what they read, in words and with what to change.
import { describe, expect, test } from "vitest";
import { code } from "../../src/definition/code.ts";
import { eq } from "../../src/definition/condition-builders.ts";
import { liquid } from "../../src/definition/content.ts";
import { ref } from "../../src/definition/refs.ts";
import type { WorkflowHandle } from "../../src/definition/workflow.ts";
import { base, expectRefused, fed, loose, problemsOf, response, type Loose, type Refusal } from "./refusing.ts";

const batched = base.batch("b", { window: "5m" });
const fetched = base.fetch("user", { url: "https://example.com", response });
const always = code("always", () => true);

const nested = (depth: number, chain: Loose): Loose =>
  chain.branch!(`r${depth}`, (b: Loose) =>
    b.when!("a", always, (w: Loose) =>
      depth === 1 ? w.sms!("text", { body: "b" }).inApp!("more", { body: "b" }) : nested(depth - 1, w),
    ),
  );

const refusals: Record<string, Refusal[]> = {
  windows: [
    ["a delay that is too long", base.delay("d", "366d"), /"366d" is not a duration of at most 365 days/],
    ["a delay of words", loose.delay!("d", "1 hour"), /"1 hour" is not a duration/],
    ["a delay of nothing", loose.delay!("d"), /the delay is neither a duration nor a rule/],
    ["a window of nothing", loose.batch!("b", {}), /window is neither a duration nor a rule/],
    ["a batch without settings", loose.batch!("b"), /window is neither a duration nor a rule/],
    ["a window of no time", base.batch("b", { window: "0s" }), /window: "0s" is no time at all/],
    ["a window with a member too many", loose.batch!("b", { window: { until: 1, size: 1 } }), /window is neither/],
    [
      "a frequency",
      loose.delay!("d", { frequency: "dayly" }),
      /frequency is "dayly" \(use one of hourly, daily, weekly, monthly\)/,
    ],
    ["an hour", base.delay("d", { frequency: "daily", hours: 24 }), /hours is 24 \(use a whole number from 0 to 23\)/],
    ["half a minute", base.delay("d", { frequency: "hourly", minutes: 0.5 }), /minutes is 0\.5 .*from 0 to 59/],
    [
      "an hour of every hour",
      base.delay("d", { frequency: "hourly", hours: 9 }),
      /hours has no meaning in a rule that is hourly/,
    ],
    ["a day of the month", base.delay("d", { frequency: "monthly", dayOfMonth: 0 }), /dayOfMonth is 0 .*from 1 to 31/],
    [
      "a day of the month of a day",
      base.delay("d", { frequency: "daily", dayOfMonth: 3 }),
      /dayOfMonth has no meaning in a rule that is daily/,
    ],
    [
      "a day",
      loose.batch!("b", { window: { frequency: "daily", days: ["mon"] } }),
      /window\.days: "mon" is not a day of the week/,
    ],
    ["no day", base.delay("d", { frequency: "daily", days: [] }), /days names no day/],
    [
      "before and after",
      base.delay("d", { until: (s) => s.data.due, before: "1h", after: "1h" }),
      /before and after are both given/,
    ],
    [
      "before by words",
      loose.delay!("d", { until: () => ref("data.due"), before: "soon" }),
      /before: "soon" is not a duration/,
    ],
    [
      "until an unknown path",
      base.delay("d", { until: () => ref<string>("data.do") }),
      /until reads data\.do, which does not exist; did you mean data\.due\?/,
    ],
    ["until a text", loose.delay!("d", { until: "data.due" }), /until is not a selector/],
  ],
  batch: [
    [
      "a key that is no reference",
      loose.batch!("b", { window: "5m", key: () => "page" }),
      /the selector of key does not return references/,
    ],
    [
      "an empty key",
      base.batch("b", { window: "5m", key: () => [] }),
      /the selector of key does not return references/,
    ],
    [
      "a key that reads what is not there",
      base.batch("b", { window: "5m", key: () => [ref("data.pag")] }),
      /key reads data\.pag, which does not exist/,
    ],
    [
      "a key that decides",
      base.batch("b", { window: "5m", key: (s) => s.data.page ?? s.data.due }),
      /key: the selector uses "\?\?".*\(return data\.<member>, or several of them as a list\)/,
    ],
    [
      "a key that makes a text",
      loose.batch!("b", { window: "5m", key: (s: { data: { page: unknown } }) => `${s.data.page}` }),
      /key: the selector throws: "data\.page" is a reference, not a value.*\(return data\.<member>, or several/,
    ],
    ["sliding without a limit", loose.batch!("b", { window: "5m", sliding: {} }), /has no limit and might never close/],
    [
      "sliding by the calendar",
      base.batch("b", { window: { frequency: "daily" }, sliding: { limit: "1h" } }),
      /a window that is no duration/,
    ],
    [
      "a limit of no time",
      base.batch("b", { window: "5m", sliding: { limit: "0m" } }),
      /sliding\.limit: "0m" is no time/,
    ],
    ["one item", base.batch("b", { window: "5m", maxItems: 1 }), /maxItems is 1 \(use a whole number from 2 to 1000\)/],
    ["too many items", base.batch("b", { window: "5m", maxItems: 1001 }), /maxItems is 1001/],
    ["to take nothing", base.batch("b", { window: "5m", take: 0 }), /take is 0 \(use a whole number from 1 to 1000\)/],
    ["an order", loose.batch!("b", { window: "5m", order: "dsc" }), /order is "dsc" \(use one of asc, desc\)/],
    ["a setting", loose.batch!("b", { window: "5m", by: 1 }), /batch has no setting "by" \(use one of key, window/],
  ],
  throttle: [
    [
      "a window that is too long",
      base.throttle("t", { window: "32d" }),
      /window: "32d" is not a duration of at most 31 days/,
    ],
    ["no run", base.throttle("t", { window: "1h", limit: 0 }), /limit is 0 \(use a whole number of at least 1\)/],
    ["half a run", base.throttle("t", { window: "1h", limit: 1.5 }), /limit is 1\.5/],
    [
      "a breach",
      loose.throttle!("t", { window: "1h", onBreach: "stop" }),
      /onBreach is "stop" \(use one of halt, skip\)/,
    ],
  ],
  cohort: [
    ["one cohort", base.cohort("c", (c) => c.cohort("a", 1)), /the choice has 1 cohort \(give it 2 to 10\)/],
    [
      "two of one name",
      loose.cohort!("c", (c: Loose) => c.cohort!("a", 1).cohort!("a", 1)),
      /two cohorts are called "a"/,
    ],
    ["a weight below 0", base.cohort("c", (c) => c.cohort("a", -1).cohort("b", 1)), /the weight of "a" is -1/],
    [
      "a weight that is no number",
      base.cohort("c", (c) => c.cohort("a", Number.NaN).cohort("b", 1)),
      /the weight of "a" is NaN/,
    ],
    ["no weight at all", base.cohort("c", (c) => c.cohort("a", 0).cohort("b", 0)), /all weights are 0/],
    [
      "by what is not there",
      base.cohort("c", (c) => c.cohort("a", 1).cohort("b", 1), { by: () => ref("recipient.plam") }),
      /by reads recipient\.plam/,
    ],
    [
      "eleven",
      loose.cohort!("c", (c: Loose) =>
        Array.from({ length: 11 }, (_, i) => i).reduce((all, i) => all.cohort!(`c${i}`, 1), c),
      ),
      /11 cohorts/,
    ],
  ],
  depth: [["six inside each other", nested(6, loose), /steps lie inside each other more than 5 deep/]],
  "send windows": [
    ["never open", base.sms("t", { body: "b", sendWindow: {} }), /the send window is never open/],
    [
      "a day",
      loose.sms!("t", { body: "b", sendWindow: { mon: { from: "09:00", until: "10:00" } } }),
      /the send window has no day "mon"/,
    ],
    [
      "a time",
      base.sms("t", { body: "b", sendWindow: { monday: { from: "9:00", until: "10:00" } } }),
      /monday opens at "9:00", which is not HH:MM/,
    ],
    [
      "an end",
      base.sms("t", { body: "b", sendWindow: { monday: { from: "09:00", until: "24:30" } } }),
      /monday closes at "24:30"/,
    ],
    [
      "backwards",
      base.sms("t", { body: "b", sendWindow: { monday: { from: "10:00", until: "09:00" } } }),
      /monday closes at 09:00, not after 10:00/,
    ],
    [
      "one window of two steps, told once",
      base.sendWindow({}).sms("t", { body: "b" }).inApp("f", { body: "b" }),
      /the send window is never open/,
    ],
  ],
  paths: [
    [
      "a member of a batch",
      batched.sms("t", { when: () => eq(ref("steps.b.cont"), 1), body: "b" }),
      /steps\.b\.cont, which does not exist; did you mean count\?/,
    ],
    [
      "a member of the first actor",
      batched.sms("t", { body: liquid("{{ steps.b.firstActor.nam }}") }),
      /steps\.b\.firstActor\.nam, which does not exist; did you mean steps\.b\.firstActor\.name\?/,
    ],
    [
      "a result of another kind",
      batched.sms("t", { when: () => eq(ref("steps.b.seen"), true), body: "b" }),
      /steps\.b\.seen, which does not exist/,
    ],
    [
      "a member of an answer",
      fetched.sms("t", { body: liquid("{{ steps.user.data.plam }}") }),
      /steps\.user\.data\.plam, which does not exist; did you mean steps\.user\.data\.plan\?/,
    ],
    [
      "a deep member of an answer",
      fetched.sms("t", { when: () => eq(ref("steps.user.data.address.town"), "x"), body: "b" }),
      /steps\.user\.data\.address\.town, which does not exist/,
    ],
    [
      "beneath a number",
      batched.sms("t", { body: liquid("{{ steps.b.count.x }}") }),
      /steps\.b\.count\.x, which does not exist/,
    ],
    [
      "a failure before one",
      base.sms("t", { body: liquid("{{ failure.reason }}") }),
      /failure\.reason, which is there in the steps of onFailure alone/,
    ],
    [
      "a member of a failure",
      fed.onFailure((w) => w.sms("t", { body: liquid("{{ failure.reasons }}") })),
      /failure\.reasons, which does not exist; did you mean failure\.reason\?/,
    ],
    [
      "a ref again after a failure",
      fed.onFailure((w) => (w as unknown as Loose).sms!("feed", { body: "b" }) as never),
      /two steps have the ref "feed"/,
    ],
    [
      "a ref of two cohorts",
      base.cohort("c", (c) =>
        c.cohort("a", 1, (w) => w.sms("t", { body: "b" })).cohort("b", 1, (w) => w.sms("t", { body: "b" })),
      ),
      /two steps have the ref "t"/,
    ],
  ],
};

describe.each(Object.entries(refusals))("refused: %s", (_kind, cases) => {
  test.each(cases)("%s", (_name, handle, expected) => expectRefused(handle, expected));
});

const accepted: [string, WorkflowHandle][] = [
  ["five inside each other", nested(5, loose) as never],
  ["a limit that is shorter than the window", base.batch("b", { window: "1h", sliding: { limit: "1m" } })],
  [
    "paths into results",
    fetched
      .batch("b", { window: "5m" })
      .sms("t", {
        when: () => eq(ref("steps.user.data.address.city"), ref<string>("steps.b.firstActor.plan")),
        body: liquid(
          "{% for a in steps.b.activities %}{{ a.data.page }}{% endfor %}{{ steps.b.activities.first.data.page }} {{ steps.b.actors.size }} {{ steps.user.status }}",
        ),
      })
      .waitFor("e", { event: "e", timeout: "1h" })
      .inApp("f", { body: liquid("{{ steps.e.event.any.thing }}") }),
  ],
  [
    "a failure in a condition",
    fed.onFailure((w) => w.sms("t", { when: (s) => eq(s.failure.step, "feed"), body: "b" })),
  ],
];

test.each(accepted)("accepted: %s", (_name, handle) => {
  expect(problemsOf(handle)).toEqual([]);
});
