// What people would read otherwise.
import { expect, test } from "vitest";
import { z } from "zod";
import { liquid } from "../../src/definition/content.ts";
import { workflow, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { contentChanges } from "../../src/deploy/plan/content-changes.ts";

const examples = { ada: { name: "Ada" }, bob: { name: "Bob" } };
const begin = (given: object = { examples }) => workflow("w", { data: z.object({ name: z.string() }), ...given });
const changes = (before: WorkflowHandle, after: WorkflowHandle) =>
  contentChanges({ before, after, options: { users: null, channels: [] } });

test("slots are rendered on the examples of the later version", () => {
  const before = begin({}).inApp("feed", { title: "T", body: ({ data }) => `Hi ${data.name}` });
  const after = begin().inApp("feed", { title: "T", body: liquid("Hello {{ data.name }}") });
  expect(changes(before, after)).toEqual([
    { step: "feed", slot: "body", example: "ada", before: "Hi Ada", after: "Hello Ada" },
    { step: "feed", slot: "body", example: "bob", before: "Hi Bob", after: "Hello Bob" },
  ]);
});

test("the same words in other code are no change, and without examples nothing is known", () => {
  const before = begin().inApp("feed", { body: ({ data }) => `Hi ${data.name}` });
  expect(changes(before, begin().inApp("feed", { body: liquid("Hi {{ data.name }}") }))).toEqual([]);
  expect(changes(before, begin({}).inApp("feed", { body: "Hi" }))).toBeNull();
  expect(changes(before, begin({ examples: {} }).inApp("feed", { body: "Hi" }))).toBeNull();
});

test("slots that come and go, and kinds of step that make no message", () => {
  const before = begin({ examples: { ada: examples.ada } })
    .inApp("feed", { title: "T", body: "b" })
    .updateUser("mark", { properties: () => ({ a: 1 }) });
  const after = begin({ examples: { ada: examples.ada } })
    .inApp("feed", { body: "b", actionUrl: "/x" })
    .updateUser("mark", { properties: () => ({ a: 2 }) });
  expect(changes(before, after)).toEqual([
    { step: "feed", slot: "actionUrl", example: "ada", before: null, after: "/x" },
    { step: "mark", slot: "properties", example: "ada", before: '{"a":1}', after: '{"a":2}' },
    { step: "feed", slot: "title", example: "ada", before: "T", after: null },
  ]);
});

test("a slot that throws says so", () => {
  const before = begin({ examples: { ada: examples.ada } }).inApp("feed", { body: ({ data }) => data.name });
  const after = begin({ examples: { ada: examples.ada } }).inApp("feed", {
    body: () => {
      throw new Error("oh no");
    },
  });
  expect(changes(before, after)).toMatchObject([{ before: "Ada", after: "(fails: oh no)" }]);
});

test("an example that the old schema does not take is tried as it is", () => {
  const before = workflow("w", { data: z.object({ name: z.string(), age: z.number() }) }).inApp("feed", {
    body: ({ data }) => `${data.name} ${data.age}`,
  });
  const after = begin({ examples: { ada: examples.ada } }).inApp("feed", { body: ({ data }) => data.name });
  expect(changes(before, after)).toMatchObject([{ before: "Ada undefined", after: "Ada" }]);
});

test("long texts are cut to where they begin to differ", () => {
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`);
  const long = (changed: string) => [...lines.slice(0, 400), changed, ...lines.slice(401)].join("\n");
  const made = (body: string) => begin({ examples: { ada: examples.ada } }).inApp("feed", { body });
  const [change] = changes(made(long("old")), made(long("new")))!;
  expect(change!.before!.split("\n").slice(0, 4)).toEqual(["…", "line 398", "line 399", "old"]);
  expect(change!.after!.split("\n").slice(0, 4)).toEqual(["…", "line 398", "line 399", "new"]);
  expect(change!.after!.split("\n")).toHaveLength(22);
  // One line of HTML that differs far behind.
  const [wide] = changes(made(`${"x".repeat(9_000)}old`), made(`${"x".repeat(9_000)}new`))!;
  expect(wide).toMatchObject({ before: `…${"x".repeat(40)}old`, after: `…${"x".repeat(40)}new` });
  const [cut] = changes(made("a"), made("b".repeat(100_000)))!;
  expect(cut!.after!.length).toBeLessThan(600);
});
