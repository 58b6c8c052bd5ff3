// A change of the default preferences is tried, through the database itself and through a server.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { knock, startTemporarily } from "./support/command.ts";
import { soundProject, temporary } from "./support/project.ts";

const OFF = '{"workflows":{"greeting":false}}';

test("through a server and, once it has stopped, through the database", { timeout: 180_000 }, async () => {
  const { root: cwd } = temporary(soundProject);
  const server = startTemporarily(["dev", "--port", "0"], { cwd });
  await server.waitFor(/http:\/\/localhost:\d+/);
  writeFileSync(join(cwd, "people.csv"), "id\nada\nbob\neve\nlin\n");
  expect((await knock(["users", "import", "people.csv"], { cwd })).code).toBe(0);
  const ask = (...args: string[]) => knock(["preferences", "impact", ...args], { cwd });
  const remote = await ask("--set", OFF, "--json");
  const impact = JSON.parse(remote.stdout) as { users: number; stopping: number; channels: object[] };
  expect(impact.users).toBe(4);
  expect(impact).toMatchObject({
    stopping: impact.users,
    starting: 0,
    workflows: 1,
    channels: [{ workflow: "greeting", channelType: "inApp", stop: { users: impact.users } }],
  });
  server.signal("SIGTERM");
  await server.ended;
  expect(JSON.parse((await ask("--set", OFF, "--json")).stdout)).toEqual(impact);

  writeFileSync(join(cwd, "set.json"), OFF);
  const told = await ask("--set", "@set.json", "--replace");
  expect(told).toMatchObject({ code: 0, stderr: "" });
  expect(told.stdout).toContain(`- would stop for ${impact.users} (`);
  expect(told.stdout).toContain(`${impact.users} would stop getting something, of 1 workflow`);
  expect((await ask("--set", "{}")).stdout).toContain("✓ nothing would change for anybody");

  expect((await ask("--set", '{"workflows":{"greetin":false}}')).stdout).toContain('did you mean "greeting"?');
  const wrong = await ask("--set", '{"workflow":{}}');
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain("preferences.workflow: unknown member");
  expect((await ask("--set", "{")).stderr).toContain("it is not JSON");
  expect((await ask()).code).toBe(2);
});
