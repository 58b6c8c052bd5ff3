// Why somebody did or did not get something, from the command line: through the database itself, and through a server.
import { expect, test } from "vitest";
import { knock, startTemporarily } from "./support/command.ts";
import { soundProject, temporary } from "./support/project.ts";

const UNKNOWN = "00000000-0000-7000-8000-000000000000";

test("through a server and, once it has stopped, through the database", { timeout: 180_000 }, async () => {
  const { root: cwd } = temporary(soundProject);
  const server = startTemporarily(["dev", "--port", "0"], { cwd });
  await server.waitFor(/http:\/\/localhost:\d+/);
  const notified = await knock(["notify", "greeting", "-r", "sam", "--data", '{"title":"hi"}', "--json"], { cwd });
  const { id } = JSON.parse(notified.stdout) as { id: string };
  await server.waitFor(/greeting → sam/);
  const ask = async (...args: string[]) => knock(["explain", ...args], { cwd });
  const told = async () => {
    const text = await ask("sam", "--notification", id);
    expect(text.code).toBe(0);
    expect(text.stdout).toContain(`Notification ${id} of "greeting" (version 1), made by a call, at `);
    expect(text.stdout).toContain("sam is a recipient: the call names them.");
    expect(text.stdout).toMatch(/^ {2}\w+ \(\w+\): message made; /m);
    const json = await ask("sam", "--workflow", "greeting", "--since", "1h", "--json");
    return JSON.parse(json.stdout) as { explanations: { text: string[] }[]; more: boolean };
  };
  const remote = await told();
  expect(remote).toMatchObject({ more: false, explanations: [{ notification: { id }, run: { status: "completed" } }] });
  expect((await ask("ada", "-w", "greeting")).stdout).toContain("ada is not a recipient: the call names 1 person");
  server.signal("SIGTERM");
  await server.ended;
  expect(await told()).toEqual(remote);

  expect((await ask("sam", "-w", "greeting", "--until", "1d")).stdout).toMatch(
    /^– there is no notification of "greeting" until /,
  );
  const nothing = await ask("sam");
  expect(nothing).toMatchObject({ code: 2, stdout: "" });
  expect(nothing.stderr).toContain("give --notification <id> or --workflow <key>");
  expect((await ask("sam", "-n", UNKNOWN)).stderr).toContain(`There is no notification "${UNKNOWN}"`);
  expect((await ask("sam", "-w", "greting")).stderr).toContain('Did you mean "greeting"?');
  expect((await ask("sam", "-w", "greeting", "--since", "yesterday")).stderr).toContain(
    "a time is ISO 8601, or how long ago",
  );
});
