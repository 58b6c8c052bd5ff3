// Simulations from the command line: of this checkout on its database, and of a server.
import { expect, test } from "vitest";
import { knock, startTemporarily } from "./support/command.ts";
import { feedWorkflow, soundProject, temporary } from "./support/project.ts";

test("of this checkout and, while it runs, of a server", { timeout: 180_000 }, async () => {
  const { root: cwd, write } = temporary({
    ...soundProject,
    "data.json": '{"title":"hi"}',
    "assume.json": '{"messages":{"mail":"bounced"}}',
  });
  const ask = (...args: string[]) => knock(["simulate", ...args], { cwd });
  const call = ["greeting", "-r", "sam", "-r", "ada", "--data", "@data.json", "--at", "2026-03-01T08:00:00Z"];
  const local = await ask(...call);
  expect(local).toMatchObject({ code: 0, stderr: "" });
  expect(local.stdout.trimEnd().split("\n")).toEqual([
    "greeting at 2026-03-01 08:00 Etc/UTC: 2 of 2 people. Nothing was sent.",
    '! There is no user "sam"; steps that need an address are skipped.',
    '! There is no user "ada"; steps that need an address are skipped.',
    "",
    "greeting → ada",
    '  08:00     feed           inApp "Hello"',
    "  completed",
    "",
    "greeting → sam",
    '  08:00     feed           inApp "Hello"',
    "  completed",
  ]);
  const json = JSON.parse((await ask(...call, "--json")).stdout) as object;
  expect(json).toMatchObject({
    at: "2026-03-01T08:00:00.000Z",
    total: 2,
    runs: [
      { recipientId: "ada", status: "completed", messages: [{ channelType: "inApp", content: { body: "Hello" } }] },
      {},
    ],
  });

  const server = startTemporarily(["dev", "--port", "0"], { cwd });
  await server.waitFor(/http:\/\/localhost:\d+/);
  expect(JSON.parse((await ask(...call, "--json")).stdout)).toEqual(json);
  expect((await ask(...call)).stdout).toBe(local.stdout);
  expect((await ask("report", "-r", "sam", "--assume", "@assume.json")).stdout).toContain("MISSING_ADDRESS");
  const refused = await ask("greting", "-r", "sam");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain('Did you mean "greeting"?');
  server.signal("SIGTERM");
  await server.ended;

  write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string()", "Not deployed yet"));
  expect((await ask(...call)).stdout).toContain('inApp "Not deployed yet"');
  expect((await ask("greeting", "-r", "sam")).stderr).toContain("data.title");
  expect((await ask(...call, "--first", "0")).stderr).toContain("first");
  expect((await ask(...call, "--assume", "{}{")).stderr).toContain("it is not JSON");
  expect((await ask("greeting", "--at", "tomorrow")).stderr).toContain("a moment is ISO 8601");
});
