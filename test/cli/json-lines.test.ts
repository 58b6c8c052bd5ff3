// What programs read: nothing but JSON on the standard output, whatever happens.
import { expect, test } from "vitest";
import { knock, startTemporarily } from "./support/command.ts";
import { feedWorkflow, temporary } from "./support/project.ts";

const parsed = (output: string): Record<string, unknown>[] =>
  output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test.each(["start", "dev"])("%s --json prints one object per line, from the start to the end", async (command) => {
  const { root: cwd } = temporary();
  const env = { SMTP_URL: "smtp://localhost:1" };
  const running = startTemporarily([command, "--json", "--port", "0"], { cwd, env });
  await running.waitFor(/"message":"(ready|started)".*\n/);
  running.signal("SIGTERM");
  expect(await running.ended).toBe(0);
  const lines = parsed(running.output());
  for (const line of lines) expect(line).toMatchObject({ at: expect.any(String), message: expect.any(String) });
  const first = lines.find(({ message }) => message === "ready" || message === "started");
  expect(first).toMatchObject({ url: expect.stringMatching(/^http:/), level: "info" });
});

test("dev --json names the mistakes of a project that is not in order, and waits", async () => {
  const { root: cwd } = temporary({ "knock.config.ts": "export default {};" });
  const running = startTemporarily(["dev", "--json", "--port", "0"], { cwd });
  await running.waitFor(/waiting for a change.*\n/);
  expect(parsed(running.output())).toContainEqual(
    expect.objectContaining({
      level: "error",
      message: expect.stringContaining("config names no workflows") as string,
    }),
  );
});

test.each([["notify", "greeting", "-r", "ada"], ["start"], ["generate", "schema"], ["keys", "list"]])(
  "%s --json says as JSON that the project is not in order",
  async (...args) => {
    const project = temporary();
    project.write("workflows/greeting.ts", feedWorkflow("Not A Key"));
    const { code, stdout } = await knock([...args, "--json"], { cwd: project.root });
    expect(code).toBe(1);
    expect(parsed(stdout)).toEqual([
      {
        error: {
          code: "INVALID_WORKFLOW",
          message: "There is 1 problem in the project.",
          hint: "knock check names each.",
          issues: [
            { path: ["workflows/greeting.ts", 5], message: expect.stringContaining('"Not A Key" cannot be a key') },
          ],
        },
      },
    ]);
  },
);
