import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { layOut, newFolder, removeFolder } from "./lay-out.ts";
import { type Block, root } from "./read-docs.ts";

const run = promisify(execFile);

const tsc = join(root, "node_modules/typescript/bin/tsc");

async function compile(folder: string): Promise<string> {
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
  const config = { extends: join(root, "tsconfig.json"), compilerOptions, include: ["./**/*"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  return run(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: root }).then(
    () => "",
    (error: { stdout?: string; message: string }) => error.stdout || error.message,
  );
}

/** What the compiler has against blocks of TypeScript, each beginning with page and line. */
export async function typeErrors(blocks: readonly Block[]): Promise<string[]> {
  const folder = newFolder();
  try {
    const pages = new Map(layOut(folder, blocks).map(({ file, block }) => [relative(root, file), block.page]));
    const lines = (await compile(folder)).split("\n").filter((line) => line.trim() !== "");
    return lines.map((line) =>
      line.replace(
        /^(coverage\/[^(]+)\((\d+),\d+\)/,
        (_all, file: string, at: string) => `${pages.get(file) ?? file}:${at}`,
      ),
    );
  } finally {
    removeFolder(folder);
  }
}
