// What only TypeScript would refuse: files run without having been checked by it.
import { expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { compileWorkflows } from "../../src/registry/compile.ts";

const fix = "give it data: z.object({ … }), which may be empty";

test.each<[string, unknown, string]>([
  ["no settings", null, "the workflow has no schema for its data"],
  ["no schema", {}, "the workflow has no schema for its data"],
  ["a schema that is none", { data: 5 }, "`data` is no zod object"],
  ["a schema of something else", { data: z.string() }, "`data` is no zod object"],
])("%s is a problem of the workflow, beside those of the others", (_name, settings, message) => {
  const malformed = workflow("malformed", settings as { data: z.ZodObject }).inApp("feed", { body: "Hello" });
  const empty = workflow("empty", { data: z.object({}) });
  const { registry, problems } = compileWorkflows({ malformed, empty } as never, { channels: [], users: null });
  expect(registry).toBeNull();
  expect(problems).toMatchObject([
    { workflow: "malformed", message, fix },
    { workflow: "empty", message: "the workflow has no step" },
  ]);
});

test("two workflows with one key are told as such", () => {
  const twin = () => workflow("twin", { data: z.object({}) }).inApp("feed", { body: "Hello" });
  const { problems } = compileWorkflows(
    { one: twin(), two: twin() },
    { channels: ["feed"].map((key) => ({ key, type: "inApp" })) as never, users: null },
  );
  expect(problems.map(({ message }) => message)).toEqual(['2 workflows have the key "twin"']);
});
