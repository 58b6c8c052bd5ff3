// The scripts as shells use them. A shell that is not installed is passed over; bash is there.
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { knock } from "./support/command.ts";
import { feedWorkflow, makeProject, soundProject } from "./support/project.ts";

const bin = fileURLToPath(new URL("../../bin/knock.mjs", import.meta.url));

/** A project with a workflow that throws when it is loaded. */
function projectWithKnock(script: string) {
  const thrower = `throw new Error("a Tab runs nothing");\n${feedWorkflow("never-loaded")}`;
  const project = makeProject({ ...soundProject, "workflows/never-loaded.ts": thrower, script });
  const command = join(project.root, "knock");
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`);
  chmodSync(command, 0o755);
  return project;
}

const isInstalled = (shell: string): boolean => {
  try {
    execFileSync(shell, ["-c", "exit 0"]);
    return true;
  } catch {
    return false;
  }
};

/** How each shell is asked what may follow a line: prints one line of words for each. */
const asking: Record<string, (lines: readonly string[][]) => string> = {
  bash: (lines) =>
    [
      "source ./script",
      'ask() { COMP_WORDS=(knock "$@"); COMP_CWORD=$#; COMPREPLY=(); _knock; echo "${COMPREPLY[*]}"; }',
      ...lines.map((words) => `ask ${words.map((word) => `'${word}'`).join(" ")}`),
    ].join("\n"),
  zsh: (lines) =>
    [
      "source ./script",
      'ask() { words=(knock "$@"); CURRENT=$#words; local -a reply; _knock_find $CURRENT "${words[CURRENT]}"; print -r -- ${(M)reply:#${words[CURRENT]}*}; }',
      ...lines.map((words) => `ask ${words.map((word) => `'${word}'`).join(" ")}`),
    ].join("\n"),
  fish: (lines) =>
    [
      "source ./script",
      ...lines.map((words) => `echo (complete -C '${["knock", ...words].join(" ")}' | string replace -r '\\t.*' '')`),
    ].join("\n"),
};

const cases: [typed: string[], offers: string[], not: string[]][] = [
  [[""], ["dev", "check", "notify", "completion"], ["create", "--json"]],
  [["ch"], ["check"], ["dev"]],
  [["keys", ""], ["create", "list", "revoke"], ["dev"]],
  [
    ["keys", "create", "--"],
    ["--name", "--scope", "--json", "--config", "--help"],
    ["--version", "--port"],
  ],
  [["completion", ""], ["bash", "zsh", "fish"], []],
  [["notify", ""], ["greeting", "report", "never-loaded"], ["list"]],
  [["notify", "gree"], ["greeting"], ["report"]],
  [["notify", "--actor", "ada", ""], ["greeting"], []],
  [["schedules", "list", "--workflow", ""], ["greeting", "report"], ["active"]],
  [["schedules", "list", "--status", ""], ["active", "paused", "ended"], ["greeting"]],
  [["-c", "other.ts", "keys", ""], ["create"], ["dev"]],
];

describe.each(["bash", "zsh", "fish"])("%s", (shell) => {
  test.skipIf(shell !== "bash" && !isInstalled(shell))("offers what may stand there", async () => {
    const { stdout: script } = await knock(["completion", shell], { cwd: "/" });
    const project = projectWithKnock(script);
    try {
      const env = { ...process.env, PATH: `${project.root}${delimiter}${process.env.PATH}` };
      const asked = asking[shell]!(cases.map(([typed]) => typed));
      const options = shell === "zsh" ? ["-f", "-c", asked] : ["-c", asked];
      const answer = await new Promise<string>((resolve, reject) => {
        execFile(shell, options, { cwd: project.root, env }, (error, out) => (error ? reject(error) : resolve(out)));
      });
      const lines = answer.split("\n");
      for (const [index, [typed, offers, not]] of cases.entries()) {
        const offered = (lines[index] ?? "").split(" ");
        expect(offered, typed.join(" ")).toEqual(expect.arrayContaining(offers));
        for (const one of not) expect(offered, typed.join(" ")).not.toContain(one);
      }
    } finally {
      project.delete();
    }
  });
});

test("a shell that nobody knows is a mistake, and so is none", async () => {
  const unknown = await knock(["completion", "tcsh"], { cwd: "/" });
  expect(unknown).toMatchObject({ code: 2, stdout: "" });
  expect(unknown.stderr).toContain("bash, zsh, fish");
  expect((await knock(["completion"], { cwd: "/" })).code).toBe(2);
});

test("as JSON, for installers", async () => {
  const { stdout } = await knock(["completion", "bash", "--json"], { cwd: "/" });
  expect(JSON.parse(stdout)).toEqual({ shell: "bash", script: expect.stringContaining("complete -o default") });
});

test("where there is no project there are no keys, and no mistake", async () => {
  expect(await knock(["completion", "--workflows"], { cwd: "/" })).toEqual({ code: 0, stdout: "", stderr: "" });
});
