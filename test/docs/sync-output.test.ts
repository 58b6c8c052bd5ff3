// What docs/deploying.md says that `knock sync` prints is what it prints.
import { execFile } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { newFolder, removeFolder } from "./lay-out.ts";
import { readDocs, root } from "./read-docs.ts";

const run = promisify(execFile);

const page = readDocs().find(({ path }) => path === "docs/deploying.md")!;

/** The block that follows `<!-- output: … -->`, without what differs each time. */
function shown(name: string): string {
  const found = page.text.split(`<!-- output: ${name} -->\n\`\`\`text\n`)[1];
  if (found === undefined) throw new Error(`docs/deploying.md shows no output of ${name}`);
  return stable(found.split("```")[0]!);
}

const stable = (text: string): string =>
  text
    .replaceAll(/deploy [0-9a-f-]{36} by .*/g, "deploy … by …")
    .replaceAll(/commit [0-9a-f]{7}.*|no commit/g, "commit …")
    .replaceAll(/[^\S\n]+$/gm, "")
    .trim();

async function knock(folder: string, ...args: string[]): Promise<{ stdout: string; code: number }> {
  const env = { ...process.env, NO_COLOR: "1", DATABASE_URL: "", KNOCK_URL: "" };
  return run(process.execPath, [join(root, "bin/knock.mjs"), ...args], { cwd: folder, env }).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: { stdout: string; code: number }) => ({ stdout: error.stdout, code: error.code }),
  );
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

test("the page shows what a deploy, its plan and its refusal print", async () => {
  const folder = newFolder();
  try {
    for (const part of ["knock.config.ts", "workflows"])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    const first = await knock(folder, "sync");
    expect({ ...first, stdout: stable(first.stdout) }).toEqual({ code: 0, stdout: shown("knock sync") });
    edit(join(folder, "workflows/new-comment.ts"), '"10m"', '"20m"');
    edit(join(folder, "workflows/new-comment.ts"), "New comment on", "A comment on");
    edit(join(folder, "workflows/new-user-invited.ts"), '"admin", "member", "guest"', '"admin", "member"');
    const plan = await knock(folder, "sync", "--plan");
    expect({ ...plan, stdout: stable(plan.stdout) }).toEqual({ code: 3, stdout: shown("knock sync --plan") });
    const refused = await knock(folder, "sync");
    expect({ ...refused, stdout: stable(refused.stdout) }).toEqual({ code: 1, stdout: shown("knock sync, refused") });
  } finally {
    removeFolder(folder);
  }
}, 90_000);

/** The script of a step of the recipe. */
function scriptOf(step: string): string {
  const recipe = page.blocks.find(({ language }) => language === "yaml")!.text;
  const [, script] = new RegExp(`- name: ${step}\\n(?:.*\\n)*? +run: \\|\\n((?: {10}.*\\n)+)`).exec(recipe)!;
  return script!.replaceAll(/^ {10}/gm, "");
}

test.each([
  [0, 0],
  [2, 0],
  [3, 0],
  [1, 1],
  [130, 130],
])("where the plan exits with %i, the step of the recipe exits with %i", async (code, expected) => {
  const folder = newFolder();
  try {
    writeFileSync(join(folder, "npx"), `#!/bin/sh\necho "$*"\nexit ${code}\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const ended = await run("bash", ["-e", "-o", "pipefail", "-c", scriptOf("Plan")], { cwd: folder, env }).then(
      () => 0,
      (error: { code: number }) => error.code,
    );
    expect(ended).toBe(expected);
    expect(readFileSync(join(folder, "plan.md"), "utf8")).toBe("knock sync --env review --plan --markdown\n");
  } finally {
    removeFolder(folder);
  }
});
