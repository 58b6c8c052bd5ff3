import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { processTerminal } from "../../src/cli/terminal.ts";
import { systemClock } from "../../src/base/clock.ts";
import { knock } from "./support/command.ts";
import { temporary } from "./support/project.ts";

const bin = fileURLToPath(new URL("../../bin/knock.mjs", import.meta.url));
const terminal = { ...processTerminal({ NO_COLOR: "1" }), columns: 100 };
const program = createProgram({ terminal, cwd: "/", environment: {}, clock: systemClock, version: "0.0.0" });

type Command = typeof program;
const commands = (command: Command): Command[] => [command, ...command.commands.flatMap(commands)];
const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
const helpOf = (command: Command): string => {
  let text = "";
  command.configureOutput({ ...command.configureOutput(), writeOut: (more) => void (text += more) }).outputHelp();
  return text;
};

test("the help of every command", async () => {
  const text = commands(program).map((command) => `$ ${pathOf(command)} --help\n\n${helpOf(command).trimEnd()}`);
  await expect(`${text.join("\n\n\n")}\n`).toMatchFileSnapshot("help.snapshot.txt");
});

test.each(commands(program).map((command) => [pathOf(command), command] as const))(
  "%s says what it does, with an example",
  (path, command) => {
    expect(command.description()).toMatch(/^[A-Z].*\.$/s);
    if (command.commands.length === 0) expect(helpOf(command)).toContain(`Example:\n  `);
    if (command.commands.length === 0) expect(helpOf(command)).toContain(path);
  },
);

test.each(
  commands(program)
    .filter(({ commands: inside }) => inside.length === 0)
    .map((command) => [pathOf(command), command] as const),
)("%s prints for programs, too, and is known by a summary", (_path, command) => {
  expect(command.options.map(({ long }) => long)).toContain("--json");
  expect(command.summary()).toMatch(/^[a-z]/);
});

test("what is mistyped is answered with what was meant, and exit code 2", async () => {
  const { root: cwd } = temporary();
  const unknown = await knock(["chekc"], { cwd });
  expect(unknown).toMatchObject({ code: 2, stdout: "" });
  expect(unknown.stderr).toContain("Did you mean check?");
  const option = await knock(["check", "--jsn"], { cwd });
  expect(option.code).toBe(2);
  expect(option.stderr).toContain("Did you mean --json?");
  expect(option.stderr).toContain("Usage: knock check");
  const missing = await knock(["keys", "revoke"], { cwd });
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain("Usage: knock keys revoke [options] <id>");
});

test("help and version go to the standard output, without colour, and are no failure", async () => {
  const { root: cwd } = temporary();
  const help = await knock(["--help"], { cwd });
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).not.toContain("\u001B[");
  const version = await knock(["--version"], { cwd });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const coloured = await knock(["--help"], { cwd, env: { FORCE_COLOR: "1" } });
  expect(coloured.stdout).toContain("\u001B[");
  const plain = await knock(["--help"], { cwd, env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
  expect(plain.stdout).not.toContain("\u001B[");
});

test("a reader that has gone away is no mistake", async () => {
  const { root: cwd } = temporary();
  const command = `"${process.execPath}" "${bin}" --help`;
  const [status, stderr] = await new Promise<[string, string]>((resolve, reject) => {
    const script = `${command} | true; echo "\${PIPESTATUS[0]}"`;
    execFile("bash", ["-c", script], { cwd }, (error, out, err) => (error ? reject(error) : resolve([out, err])));
  });
  expect([status, stderr]).toEqual(["0\n", ""]);
});
