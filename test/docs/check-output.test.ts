// What docs/workflows.md says that `knock check` prints is what it prints.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { nameOf, newFolder, removeFolder } from "./lay-out.ts";
import { readDocs, root } from "./read-docs.ts";

const run = promisify(execFile);

const page = readDocs().find(({ path }) => path === "docs/workflows.md")!;
const [, file = "", output = ""] = /<!-- output: knock check, of (\S+) -->\n```text\n([^]*?)```/.exec(page.text) ?? [];

/** Standard output and exit code of `knock check`. */
async function check(folder: string): Promise<{ stdout: string; code: number }> {
  const environment = { ...process.env, NO_COLOR: "1" };
  return run(process.execPath, [join(root, "bin/knock.mjs"), "check"], { cwd: folder, env: environment }).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: { stdout: string; code: number }) => ({ stdout: error.stdout, code: error.code }),
  );
}

const trimmed = (text: string): string => text.replaceAll(/[^\S\n]+$/gm, "").trim();

test("the page shows the answer to a workflow full of mistakes", async () => {
  const { text } = page.blocks.find((block) => nameOf(block) === file)!;
  const folder = newFolder();
  try {
    mkdirSync(join(folder, "workflows"));
    for (const part of ["knock.config.ts", "workflows/people.ts"]) cpSync(join(root, part), join(folder, part));
    writeFileSync(join(folder, file), text);
    writeFileSync(join(folder, "workflows/index.ts"), `export { default as only } from "./${basename(file)}";\n`);
    const { stdout, code } = await check(folder);
    expect(trimmed(stdout)).toBe(trimmed(output));
    expect(code).toBe(1);
  } finally {
    removeFolder(folder);
  }
});
