// What a deploy changes in the steps, in words.
import { expect, test } from "vitest";
import { z } from "zod";
import { code } from "../../src/definition/code.ts";
import { eq, gt } from "../../src/definition/condition-builders.ts";
import { liquid } from "../../src/definition/content.ts";
import { openOn } from "../../src/definition/send-window.ts";
import { workflow, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { registryOf } from "../../src/registry/compile.ts";
import { describeStep, structureChanges } from "../../src/registry/diff/structure.ts";

const channels = ["inApp", "email", "sms"].map((type) => ({ key: type, type }));
const other = workflow("other", { data: z.object({}) }).inApp("feed", { body: "b" });
const structureOf = (handle: WorkflowHandle) =>
  registryOf({ handle, other }, { users: z.object({ plan: z.string() }), channels }).get("w")!.structure;

const base = workflow("w", { data: z.object({ a: z.string(), b: z.string(), n: z.number() }) });
const settings = (given: object) =>
  workflow("w", { data: z.object({ a: z.string() }), ...given } as { data: z.ZodObject<{ a: z.ZodString }> }).inApp(
    "feed",
    { body: "b" },
  );
const url = "https://example.com";
const response = z.object({ plan: z.string() });
const never = code("never", () => false);

/** One line for each change: `~ mail  when … (was always)`. */
const lines = (before: WorkflowHandle, after: WorkflowHandle): string[] =>
  structureChanges(structureOf(before), structureOf(after)).map(
    ({ mark, ref, texts }) => `${mark} ${ref ?? "workflow"}  ${texts.join(" | ")}`,
  );

test.each<[WorkflowHandle, WorkflowHandle, string[]]>([
  [base.delay("grace", "1h"), base.delay("grace", "2h"), ["~ grace  for 1h → 2h"]],
  [base.delay("grace", "1h"), base.delay("grace", "90m"), ["~ grace  for 1h → 90m"]],
  [
    base.delay("grace", "1h"),
    base.delay("grace", { until: ({ data }) => data.a, before: "1h" }),
    ["~ grace  for 1h → until 1h before data.a"],
  ],
  [
    base.delay("grace", "1h"),
    base.delay("grace", { frequency: "weekly", days: ["monday", "friday"], hours: 9, minutes: 5 }),
    ["~ grace  for 1h → every week on Mon, Fri at 09:05"],
  ],
  [
    base.delay("g", { frequency: "monthly" }),
    base.delay("g", { frequency: "monthly", dayOfMonth: 31 }),
    ["~ g  every month on 1 at 00:00 → every month on 31 at 00:00"],
  ],
  [
    base.delay("g", { frequency: "hourly" }),
    base.delay("g", { frequency: "hourly", minutes: 5 }),
    ["~ g  every hour at minute 0 → every hour at minute 5"],
  ],
  [
    base.sms("s", { body: "b" }),
    base.sms("s", { body: "b", when: ({ data }) => eq(data.a, "pro") }),
    ['~ s  when data.a is "pro" (was always)'],
  ],
  [
    base.sms("s", { body: "b", when: ({ data }) => gt(data.n, 1) }),
    base.sms("s", { body: "b" }),
    ["~ s  always (was when data.n is more than 1)"],
  ],
  [base.sms("s", { body: "a" }), base.sms("s", { body: "b" }), ['~ s  body "a" → "b"']],
  [base.sms("s", { body: "a" }), base.sms("s", { body: () => "b" }), ['~ s  body "a" → code']],
  [base.sms("s", { body: "a" }), base.sms("s", { body: liquid("a") }), ['~ s  body "a" → liquid "a"']],
  [base.inApp("f", { body: "a" }), base.inApp("f", { body: "a", title: "t" }), ['~ f  title added: "t"']],
  [base.inApp("f", { body: "a", title: "t" }), base.inApp("f", { body: "a" }), ["~ f  title removed"]],
  [
    base.inApp("f", { body: "a", data: { k: [1] } }),
    base.inApp("f", { body: "a", data: { k: [2] } }),
    ['~ f  data {"k":[1]} → {"k":[2]}'],
  ],
  [base.sms("s", { body: "b" }), base.sms("s", { body: "b", channel: "sms" }), ["~ s  channel the only one → sms"]],
  [
    base.sms("s", { body: "b" }),
    base.sms("s", { body: "b", sendWindow: openOn("09:00", "17:00") }),
    ["~ s  sendWindow always → Mon–Fri 09:00–17:00"],
  ],
  [
    base.sms("s", { body: "b", sendWindow: openOn("09:00", "17:00") }),
    base.sms("s", { body: "b", sendWindow: openOn("09:00", "17:00", ["monday", "tuesday", "sunday"]) }),
    ["~ s  sendWindow Mon–Fri 09:00–17:00 → Mon, Tue 09:00–17:00, Sun 09:00–17:00"],
  ],
  [
    base.sms("s", { body: "b" }),
    base.sms("s", { body: "b", retry: { attempts: 4, backoff: "2s" } }),
    ["~ s  retry as usual → 4 times, first wait 2s"],
  ],
  [
    base.batch("s", { window: "5m" }),
    base.batch("s", {
      window: "10m",
      key: ({ data }) => [data.a, data.b],
      maxItems: 5,
      order: "desc",
      take: 3,
      flushLeading: true,
      sliding: { limit: "1h" },
    }),
    [
      "~ s  key none → data.a, data.b | window 5m → 10m | sliding no → at most 1h | maxItems none → 5 | order asc → desc | take 10 → 3 | flushLeading no → yes",
    ],
  ],
  [
    base.throttle("s", { window: "5m" }),
    base.throttle("s", { window: "1h", limit: 2, onBreach: "skip" }),
    ["~ s  window 5m → 1h | limit 1 → 2 | onBreach halt → skip"],
  ],
  [
    base.fetch("s", { url, response }),
    base.fetch("s", {
      url: `${url}/x`,
      response: z.object({ plan: z.string().optional() }),
      method: "POST",
      timeout: "1s",
    }),
    [`~ s  method GET → POST | timeout 15s → 1s | url "${url}" → "${url}/x" | answer.plan: no longer required`],
  ],
  [
    base.waitFor("s", { event: "e", timeout: "1h" }),
    base.waitFor("s", { event: "e", timeout: "1h", match: ({ data }) => ({ x: data.a, y: "z" }), onMatch: "halt" }),
    ['~ s  for event "e" → event "e" with x = data.a, y = "z" | onMatch continue → halt'],
  ],
  [
    base.waitFor("s", { event: "e", timeout: "1h" }),
    base.waitFor("s", { event: "e", timeout: "1h", timedOut: (w) => w.delay("d", "1h") }),
    ["~ s  timedOut added", "+ d  delay for 1h | in timedOut of s"],
  ],
  [
    base.updateUser("s", { name: "x" }),
    base.updateUser("s", { locale: "de" }),
    ['~ s  name removed | locale added: "de"'],
  ],
  [base.notify("s", other, {}), base.notify("s", other, { lists: ["x"] }), ['~ s  lists added: ["x"]']],
  [
    base.cohort("s", (c) => c.cohort("a", 1).cohort("b", 1)),
    base.cohort("s", (c) => c.cohort("b", 2).cohort("a", 1).cohort("c", 1), { by: ({ data }) => data.a }),
    ["~ s  by the recipient → data.a | b weight 2 (was weight 1) | c added, weight 1 | in the order b, a (was a, b)"],
  ],
  [
    base.branch("r", (b) => b.when("p", never, (w) => w.delay("d", "1h"))),
    base.branch("r", (b) => b.when("q", never, (w) => w.delay("d", "1h")).otherwise((w) => w)),
    ['~ r  q added, when code "never" | p removed | otherwise added', "> d  moved into q of r"],
  ],
  [
    base.delay("a", "1h").delay("b", "1h").delay("c", "1h").delay("d", "1h"),
    base.delay("d", "1h").delay("a", "1h").delay("b", "1h").delay("c", "1h"),
    ["> d  moved to the start"],
  ],
  [
    base.delay("a", "1h").delay("b", "1h").delay("c", "1h"),
    base.delay("b", "1h").delay("c", "2h").delay("a", "1h"),
    ["~ c  for 1h → 2h", "> a  moved behind c"],
  ],
  [base.delay("a", "1h").delay("b", "1h"), base.delay("b", "1h"), ["- a  removed"]],
  [
    base.delay("a", "1h").delay("b", "1h"),
    base
      .delay("a", "1h")
      .sms("s", { body: "b", when: ({ data }) => eq(data.a, "pro") })
      .delay("b", "1h"),
    ['+ s  sms when data.a is "pro"'],
  ],
  [base.delay("a", "1h"), base.throttle("a", { window: "1h" }), ["~ a  delay → throttle 1 in 1h per recipient"]],
  [
    base.delay("a", "1h"),
    base.delay("a", "1h").onFailure((w) => w.inApp("f", { body: "b" })),
    ["~ workflow  onFailure added", "+ f  inApp | in onFailure"],
  ],
  [
    settings({}),
    settings({
      name: "Other",
      description: "x",
      category: ["p", "q"],
      required: true,
      onInvalidData: "warn",
      when: never,
    }),
    [
      '~ workflow  name "W" → "Other" | description none → "x" | categories none → p, q | now required | onInvalidData by the config → warn | when code "never" (was always)',
    ],
  ],
  [settings({ commercial: true }), settings({}), ["~ workflow  no longer commercial"]],
])("%#", (before, after, expected) => {
  expect(lines(before, after)).toEqual(expected);
  expect(lines(before, before)).toEqual([]);
  expect(lines(after, before).length).toBeGreaterThan(0);
});

test("long texts are told where they differ", () => {
  const long = (word: string) =>
    `${"One sentence of many words. ".repeat(8)}Then ${word} words.${" And so on.".repeat(8)}`;
  expect(lines(base.sms("s", { body: long("two") }), base.sms("s", { body: long("three") }))).toEqual([
    "~ s  body …ords. Then two words. And … → …ords. Then three words. And …",
  ]);
});

test("steps of every kind are described", () => {
  const all = base
    .inApp("feed", { body: "b" })
    .batch("digest", { window: "5m", key: ({ data }) => data.a })
    .throttle("once", { window: "1d", limit: 3 })
    .fetch("call", { url, response })
    .waitFor("seen", { message: "feed", status: "seen", timeout: "1h" })
    .updateUser("user", { name: "x", locale: "de" })
    .notify("more", other, {})
    .cohort("split", (c) => c.cohort("a", 9).cohort("b", 1))
    .branch("way", (b) =>
      b
        .when(
          "pro",
          ({ data }) => eq(data.a, "pro"),
          (w) => w.sms("text", { body: "b", channel: "sms" }),
        )
        .otherwise((w) => w),
    );
  expect(structureOf(all).steps.map((step) => `${step.ref}: ${describeStep(step)}`)).toMatchInlineSnapshot(`
    [
      "feed: inApp",
      "digest: batch for 5m per recipient and data.a",
      "once: throttle 3 in 1d per recipient",
      "call: fetch GET "https://example.com"",
      "seen: waitFor feed seen, at most 1h",
      "user: updateUser name, locale",
      "more: notify other",
      "split: cohort a 9, b 1",
      "way: branch pro when data.a is "pro"; otherwise",
    ]
  `);
});
