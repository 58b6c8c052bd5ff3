import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { knock } from "./support/command.ts";
import { feedWorkflow, temporary } from "./support/project.ts";

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
