import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { knock } from "./support/command.ts";
import { feedWorkflow, soundProject, temporary } from "./support/project.ts";

test("the schema: printed, written, and checked against the workflows", async () => {
  const project = temporary();
  const { root: cwd } = project;
  const file = join(cwd, "schema.graphql");
  const printed = await knock(["generate", "schema"], { cwd });
  expect(printed).toMatchObject({ code: 0, stderr: "" });
  expect(printed.stdout).toContain("  greeting: Greeting");
  expect(existsSync(file)).toBe(false);

  expect((await knock(["generate", "schema", "--check"], { cwd })).code).toBe(1);
  expect((await knock(["generate", "schema", "--write"], { cwd })).stdout).toBe("✓ schema.graphql written\n");
  expect(readFileSync(file, "utf8").trimEnd()).toBe(printed.stdout.trimEnd());
  expect((await knock(["generate", "schema", "--check"], { cwd })).code).toBe(0);

  project.write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string(), mentions: z.number()"));
  const outdated = await knock(["generate", "schema", "--check"], { cwd });
  expect({ code: outdated.code, stdout: outdated.stdout }).toEqual({
    code: 1,
    stdout: "✗ schema.graphql is not what the workflows make; write it with: knock generate schema --write\n",
  });
});

test("a project with mistakes has no schema: they are named instead", async () => {
  const { root: cwd } = temporary({ "knock.config.ts": "export default {};" });
  const { code, stdout, stderr } = await knock(["generate", "schema"], { cwd });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("✗ knock.config.ts:1:1");
});

test("the JSON Schema: one document, by the key of the workflow, written and checked like the other", async () => {
  const tree = "z.object({ name: z.string(), get children() { return z.array(node); } })";
  const project = temporary({
    ...soundProject,
    "workflows/report.ts": `
      import { workflow } from "knock";
      import { z } from "zod";
      const node = ${tree};
      export default workflow("report", { name: "The report", description: "Numbers.", data: z.object({ node, note: z.string().default("") }) })
        .inApp("feed", { body: "Numbers." });`,
  });
  const { root: cwd } = project;
  const printed = await knock(["generate", "json-schema"], { cwd });
  expect(printed).toMatchObject({ code: 0, stderr: "" });
  const schema = JSON.parse(printed.stdout) as { $schema: string; $defs: Record<string, object> };
  expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
  expect(Object.keys(schema.$defs)).toEqual(["greeting", "report"]);
  expect(schema.$defs["greeting"]).toEqual({
    $id: "greeting",
    title: "Greeting",
    type: "object",
    properties: { title: { type: "string" } },
    required: ["title"],
  });
  // What callers give: a member with a default may be absent. References are inside the schema, which has an id.
  expect(schema.$defs["report"]).toMatchObject({
    $id: "report",
    title: "The report",
    description: "Numbers.",
    required: ["node"],
  });
  expect(JSON.parse((await knock(["generate", "json-schema", "--json"], { cwd })).stdout)).toEqual(schema);

  const written = await knock(["generate", "json-schema", "--write", "--json"], { cwd });
  expect(JSON.parse(written.stdout)).toEqual({ file: "workflows.schema.json", upToDate: true, written: true });
  expect(readFileSync(join(cwd, "workflows.schema.json"), "utf8")).toBe(printed.stdout);
  expect((await knock(["generate", "json-schema", "--check"], { cwd })).code).toBe(0);
  project.write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string(), mentions: z.number()"));
  const outdated = await knock(["generate", "json-schema", "--check", "--json"], { cwd });
  expect(outdated.code).toBe(1);
  expect(JSON.parse(outdated.stdout)).toEqual({ file: "workflows.schema.json", upToDate: false, written: false });
});
