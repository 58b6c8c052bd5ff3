// What counts for the content of a workflow, beyond messages: steps of every kind and on every way.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { code } from "../../src/definition/code.ts";
import { workflow, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { compileWorkflows, registryOf } from "../../src/registry/compile.ts";

const channels = ["inApp", "sms", "chat"].map((type) => ({ key: type, type }));
const options = { users: z.object({ plan: z.string() }), channels };
const base = workflow("w", { data: z.object({ title: z.string() }), examples: { one: { title: "x" } } });
const other = workflow("other", { data: z.object({ title: z.string() }) }).inApp("feed", { body: "b" });
const fingerprintOf = (handle: WorkflowHandle) => registryOf({ handle, other }, options).get("w")!.fingerprint;
const problemsOf = (handle: WorkflowHandle) =>
  compileWorkflows({ handle, other }, options).problems.map(({ message }) => message);

const always = code("always", () => true);
const places: [string, (say: () => string) => WorkflowHandle][] = [
  ["an arm", (body) => base.branch("r", (b) => b.when("a", always, (w) => w.sms("t", { body })))],
  [
    "otherwise",
    (body) => base.branch("r", (b) => b.when("a", always, (w) => w).otherwise((w) => w.sms("t", { body }))),
  ],
  ["a cohort", (body) => base.cohort("c", (c) => c.cohort("a", 1, (w) => w.sms("t", { body })).cohort("b", 1))],
  ["a timeout", (body) => base.waitFor("x", { event: "e", timeout: "1h", timedOut: (w) => w.sms("t", { body }) })],
  ["onFailure", (body) => base.delay("d", "1h").onFailure((w) => w.sms("t", { body }))],
  [
    "an arm in a cohort",
    (body) =>
      base.cohort("c", (c) =>
        c.cohort("a", 1, (w) => w.branch("r", (b) => b.when("a", always, (v) => v.sms("t", { body })))).cohort("b", 1),
      ),
  ],
  ["a URL", (say) => base.fetch("f", { url: () => `https://example.com/${say()}`, response: z.unknown() })],
  [
    "headers",
    (say) => base.fetch("f", { url: "https://example.com", headers: () => ({ a: say() }), response: z.unknown() }),
  ],
  ["a change of the user", (name) => base.updateUser("u", { name })],
  ["properties", (say) => base.updateUser("u", { properties: () => ({ plan: say() }) })],
  ["data of another workflow", (say) => base.notify("n", other, { data: () => ({ title: say() }) })],
];

test.each(places)("other words in %s change the fingerprint, other code for the same words does not", (_name, made) => {
  const first = fingerprintOf(made(() => "a"));
  expect(fingerprintOf(made(() => ["a"].join("")))).toBe(first);
  expect(fingerprintOf(made(() => "b"))).not.toBe(first);
});

describe("content that reads what steps before left is tried on something that looks like it", () => {
  const response = z.object({ items: z.array(z.object({ name: z.string() })), at: z.string() });
  const fetching = { url: "https://example.com", response } as const;

  test("results of every kind", () => {
    const all = base
      .inApp("feed", { body: "b" })
      .batch("b", { window: "5m" })
      .throttle("t", { window: "1h" })
      .cohort("c", (c) => c.cohort("left", 1).cohort("right", 1))
      .fetch("f", fetching)
      .waitFor("e", { event: "e", timeout: "1h" })
      .updateUser("u", { name: "x" })
      .notify("n", other, { data: { title: "x" } })
      .chat("say", {
        body: ({ steps: { feed, b, t, c, f, e, u, n } }) =>
          [
            feed.sent,
            b.activities.map(({ data, actor }) => `${data.title} ${actor!.name}`),
            b.actors[0]!.name!.length,
            b.firstActor!.email!.length,
            t.breached,
            c.cohort!.toUpperCase(),
            f.data!.items[0]!.name.length,
            e.event!.amount,
            u.skipped,
            n.notification!.length,
          ].join(),
      })
      .onFailure((w) => w.chat("sorry", { body: ({ failure }) => failure.reason + failure.step.length }));
    expect(problemsOf(all)).toEqual([]);
  });

  test("the author's own example of an answer, parsed", () => {
    const said = (example?: z.input<typeof response>) =>
      base
        .fetch("f", example ? { ...fetching, example } : fetching)
        .chat("say", { body: ({ steps }) => new Date(steps.f.data!.at).toISOString() });
    expect(problemsOf(said())).toEqual(['the content fails on example "one": body: Invalid time value']);
    expect(problemsOf(said({ items: [], at: "2026-01-01" }))).toEqual([]);
  });

  test("what fails is told for calls, too", () => {
    const failing = base.fetch("f", { ...fetching, body: ({ data }) => (data as { x?: string }).x!.length });
    expect(problemsOf(failing)).toEqual([
      expect.stringMatching(/the content fails on example "one": body: Cannot read/),
    ]);
  });
});
