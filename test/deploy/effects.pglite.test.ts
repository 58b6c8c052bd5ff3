// What a deploy means for runs that wait, told from structures alone.
import { expect, test } from "vitest";
import { z } from "zod";
import { code } from "../../src/definition/code.ts";
import { type Workflow, workflow, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { effectOn, stepsAhead, type Between } from "../../src/deploy/plan/effects.ts";
import { registryOf } from "../../src/registry/compile.ts";
import { planOf } from "../../src/registry/plan.ts";
import { channelTypes } from "../../src/channels/messages.ts";

const channels = channelTypes.map((type) => ({ key: type, type }));
const target = workflow("target", { data: z.object({}) }).inApp("feed", { body: "b" });
const begin = () => workflow("w", { data: z.object({}) }).delay("grace", "1h");

const plan = (handle: WorkflowHandle) =>
  planOf(registryOf({ handle, target }, { users: null, channels }).get("w")!.structure);

const effect = (
  runs: WorkflowHandle,
  after: WorkflowHandle | null,
  given: Partial<Omit<Between, "before" | "after">> & { before?: WorkflowHandle | null; at?: string } = {},
) => {
  const { before = runs, at = "grace", ...rest } = given;
  return effectOn(
    { plan: plan(runs), version: 1, at },
    {
      before: before && plan(before),
      after: after && plan(after),
      changed: new Set(),
      newCode: true,
      archived: new Set(),
      ...rest,
    },
  );
};

const feed = begin().inApp("feed", { body: () => "code" });
const fixed = begin().inApp("feed", { body: "fixed" });
const asked = begin().inApp("feed", { when: code("is lucky", () => true), body: "fixed" });
const calling = begin().notify("tell", target, { data: () => ({}) });
const other = begin().inApp("other", { body: "b" });

test("nothing changes for runs whose texts stay the same", () => {
  expect(effect(feed, feed)).toEqual({ text: null, failing: [] });
  expect(effect(fixed, fixed, { changed: null }).text).toBeNull();
  expect(effect(asked, asked).text).toBeNull();
  expect(effect(calling, calling).text).toBeNull();
});

test("new texts, known from the examples or from the texts themselves", () => {
  expect(effect(feed, feed, { changed: new Set(["feed"]) }).text).toBe("they finish in v1 with the new texts");
  expect(effect(fixed, begin().inApp("feed", { body: "other" })).text).toBe("they finish in v1 with the new texts");
});

test("without examples nobody knows what code says", () => {
  expect(effect(feed, feed, { changed: null }).text).toBe("they finish in v1 with the new code of their content");
  expect(effect(feed, feed, { changed: null, newCode: false }).text).toBeNull();
});

test("steps that are gone are skipped, or keep the text that the run's structure has", () => {
  expect(effect(feed, other).text).toBe(
    "they finish in v1; `feed` is gone and is skipped as retired (its content is code)",
  );
  expect(effect(fixed, other).text).toBe("they finish in v1; `feed` is gone and keeps its fixed text");
  // Another kind of step has taken over the ref.
  expect(effect(fixed, begin().sms("feed", { body: "b" })).text).toContain("`feed` is gone and keeps its fixed text");
});

test("what was gone before is nothing new, and what comes back is told", () => {
  expect(effect(feed, other, { before: other }).text).toBeNull();
  expect(effect(feed, feed, { before: other }).text).toBe(
    "they finish in v1 with the new texts; `feed` is there again",
  );
});

test("code that a condition asks for and that is gone lets the step fail", () => {
  const problem = 'the code "is lucky" that `feed` asks is gone: it is skipped as retired';
  expect(effect(asked, fixed)).toEqual({ text: `they finish in v1; ${problem}`, failing: [problem] });
  expect(effect(asked, fixed, { before: fixed }).failing).toEqual([]);
  const waits = workflow("w", { data: z.object({}) }).delay("grace", { for: "1h", when: code("old", () => true) });
  // The step at which a run waits has been decided.
  expect(effect(waits.inApp("feed", { body: "b" }), begin().inApp("feed", { body: "b" })).failing).toEqual([]);
});

test("a workflow that is called and archived lets the step fail", () => {
  const problem = '`tell` calls "target", which is archived: the step fails';
  expect(effect(calling, calling, { archived: new Set(["target"]) }).failing).toEqual([problem]);
});

test("what is behind a run is nothing to it", () => {
  const long = workflow("w", { data: z.object({}) })
    .inApp("first", { body: () => "code" })
    .delay("grace", "1h")
    .inApp("last", { body: "fixed" });
  const short = workflow("w", { data: z.object({}) })
    .delay("grace", "1h")
    .inApp("last", { body: "fixed" });
  expect(effect(long, short).text).toBeNull();
  expect(effect(long, short, { at: "first" }).text).toContain("`first` is gone");
  expect(effect(long, short, { at: "when" }).text).toContain("`first` is gone");
});

test("a workflow that is archived keeps its texts", () => {
  expect(effect(feed, null)).toEqual({ text: "they finish in v1, or end, as --archive-open says", failing: [] });
});

test("steps ahead: inside and behind ways, and those after a failure", () => {
  const way = (ref: string) => (chain: Workflow<never, never>) => chain.inApp(ref as never, { body: "b" } as never);
  const tree = workflow("w", { data: z.object({}) })
    .inApp("before", { body: "b" })
    .branch("route", (b) =>
      b
        .when(
          "a",
          code("a", () => true),
          way("inA") as never,
        )
        .otherwise(way("inOther") as never),
    )
    .inApp("after", { body: "b" })
    .onFailure((chain) => chain.inApp("sorry", { body: "b" }));
  const ahead = (at: string) => stepsAhead(plan(tree), at).map(({ step }) => step.ref);
  expect(ahead("before")).toEqual(["before", "route", "inA", "inOther", "after", "sorry"]);
  expect(ahead("route")).toEqual(["route", "inA", "inOther", "after", "sorry"]);
  expect(ahead("inA")).toEqual(["inA", "after", "sorry"]);
  expect(ahead("after")).toEqual(["after", "sorry"]);
  expect(ahead("sorry")).toEqual(["sorry"]);
  expect(ahead("when")).toEqual(["before", "route", "inA", "inOther", "after", "sorry"]);
});
