// Every setting of every kind of step has a meaning, so each change of one is another version.
import { expect, test } from "vitest";
import { z } from "zod";
import { eq } from "../../src/definition/condition-builders.ts";
import { openOn } from "../../src/definition/send-window.ts";
import type { BatchSettings } from "../../src/definition/steps/batch.ts";
import { workflow, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { registryOf } from "../../src/registry/compile.ts";

const channels = ["inApp", "sms"].map((type) => ({ key: type, type }));
const other = workflow("other", { data: z.object({}) }).inApp("feed", { body: "b" });
const another = workflow("another", { data: z.object({}) }).inApp("feed", { body: "b" });
const hashOf = (handle: WorkflowHandle) =>
  registryOf({ handle, other, another }, { users: null, channels }).get("w")!.hash;

const base = workflow("w", { data: z.object({ a: z.string(), b: z.string() }) });
const fed = base.inApp("feed", { body: "b" });
const response = z.object({ plan: z.string() });
const url = "https://example.com";
const sms = (settings: object) => base.sms("s", { body: "b", ...settings });
const batch = (settings: Omit<BatchSettings<never>, "window" | "when" | "key">) =>
  base.batch("s", { window: "5m", ...settings });

const different: WorkflowHandle[] = [
  base.delay("s", "1h"),
  base.delay("s", { until: ({ data }) => data.a }),
  base.delay("s", { until: ({ data }) => data.b }),
  base.delay("s", { until: ({ data }) => data.a, after: "1h" }),
  base.delay("s", { until: ({ data }) => data.a, before: "1h" }),
  base.delay("s", { frequency: "daily" }),
  base.delay("s", { frequency: "daily", hours: 1 }),
  base.delay("s", { frequency: "daily", minutes: 1 }),
  base.delay("s", { frequency: "daily", days: ["monday"] }),
  base.delay("s", { frequency: "monthly" }),
  base.delay("s", { frequency: "monthly", dayOfMonth: 31 }),
  base.delay("s", { for: "1h", when: ({ data }) => eq(data.a, "x") }),
  batch({}),
  batch({ sliding: { limit: "1h" } }),
  batch({ sliding: { limit: "2h" } }),
  batch({ maxItems: 5 }),
  batch({ order: "desc" }),
  batch({ take: 5 }),
  batch({ flushLeading: true }),
  base.batch("s", { window: "6m" }),
  base.batch("s", { window: "5m", key: ({ data }) => data.a }),
  base.batch("s", { window: "5m", key: ({ data }) => [data.a, data.b] }),
  base.batch("s", { window: "5m", key: ({ data }) => [data.b, data.a] }),
  base.throttle("s", { window: "5m" }),
  base.throttle("s", { window: "5m", limit: 2 }),
  base.throttle("s", { window: "5m", onBreach: "skip" }),
  base.cohort("s", (c) => c.cohort("a", 1).cohort("b", 1)),
  base.cohort("s", (c) => c.cohort("a", 1).cohort("b", 2)),
  base.cohort("s", (c) => c.cohort("b", 1).cohort("a", 1)),
  base.cohort("s", (c) => c.cohort("a", 1).cohort("b", 1), { by: ({ data }) => data.a }),
  base.cohort("s", (c) => c.cohort("a", 1, (w) => w.delay("d", "1h")).cohort("b", 1)),
  base.fetch("s", { url, response }),
  base.fetch("s", { url: `${url}/x`, response }),
  base.fetch("s", { url, response: z.object({ plan: z.string().optional() }) }),
  base.fetch("s", { url, response, method: "DELETE" }),
  base.fetch("s", { url, response, body: {} }),
  base.fetch("s", { url, response, headers: { a: "b" } }),
  base.fetch("s", { url, response, timeout: "1s" }),
  base.fetch("s", { url, response, retry: {} }),
  base.waitFor("s", { event: "e", timeout: "1h" }),
  base.waitFor("s", { event: "f", timeout: "1h" }),
  base.waitFor("s", { event: "e", timeout: "2h" }),
  base.waitFor("s", { event: "e", timeout: "1h", match: ({ data }) => ({ x: data.a }) }),
  base.waitFor("s", { event: "e", timeout: "1h", match: () => ({ x: "data.a" }) }),
  base.waitFor("s", { event: "e", timeout: "1h", onMatch: "halt" }),
  base.waitFor("s", { event: "e", timeout: "1h", onTimeout: "halt" }),
  base.waitFor("s", { event: "e", timeout: "1h", timedOut: (w) => w.delay("d", "1h") }),
  fed.waitFor("s", { message: "feed", status: "read", timeout: "1h" }),
  fed.waitFor("s", { message: "feed", status: "seen", timeout: "1h" }),
  base.updateUser("s", { name: "x" }),
  base.updateUser("s", { locale: "de" }),
  base.notify("s", other, {}),
  base.notify("s", another, {}),
  base.notify("s", other, { lists: ["x"] }),
  sms({}),
  sms({ retry: {} }),
  sms({ retry: { attempts: 4 } }),
  sms({ retry: { backoff: "1s" } }),
  sms({ sendWindow: openOn("09:00", "17:00") }),
  sms({ sendWindow: openOn("09:00", "18:00") }),
  sms({ sendWindow: openOn("09:00", "17:00", ["monday"]) }),
  base.sms("s", { body: "b" }).onFailure((w) => w.inApp("f", { body: "b" })),
  base.sms("s", { body: "b" }).onFailure((w) => w.inApp("g", { body: "b" })),
];

test("each of them has a hash of its own", () => {
  const alike = [...Map.groupBy(different.entries(), ([, handle]) => hashOf(handle)).values()]
    .filter((group) => group.length > 1)
    .map((group) => group.map(([index]) => index));
  expect(alike).toEqual([]);
});

test.each<[string, WorkflowHandle, WorkflowHandle]>([
  ["what stands by default", batch({}), batch({ order: "asc", take: 10, flushLeading: false })],
  [
    "a limit by default",
    base.throttle("s", { window: "1h" }),
    base.throttle("s", { window: "60m", limit: 1, onBreach: "halt" }),
  ],
  [
    "days in another order",
    base.delay("s", { frequency: "weekly", days: ["friday", "monday"] }),
    base.delay("s", { frequency: "weekly", days: ["monday", "friday"], hours: 0, minutes: 0 }),
  ],
  [
    "nothing after",
    base.delay("s", { until: ({ data }) => data.a }),
    base.delay("s", { until: ({ data }) => data.a, after: "0s" }),
  ],
  [
    "the method by default",
    base.fetch("s", { url, response }),
    base.fetch("s", { url, response, method: "GET", timeout: "15000ms" }),
  ],
  [
    "an example of an answer",
    base.fetch("s", { url, response }),
    base.fetch("s", { url, response, example: { plan: "x" } }),
  ],
  [
    "a send window by the chain or by the step",
    sms({ sendWindow: openOn("09:00", "17:00") }),
    base.sendWindow(openOn("09:00", "17:00")).sms("s", { body: "b" }),
  ],
  ["steps by a fragment", base.sms("s", { body: "b" }), base.use((chain) => chain.sms("s", { body: "b" }))],
])("the same meaning has the same hash: %s", (_name, one, same) => {
  expect(hashOf(one)).toBe(hashOf(same));
});
