// Type-checks blocks of TypeScript as if they were files of the example project.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { type Block, root } from "./read-docs.ts";

const run = promisify(execFile);

/** What the example project consists of: blocks may import these. */
const PROJECT = ["workflows", "knock.config.ts"];

const NAMED = /^\/\/ (?:file: )?((?:[\w.-]+\/)*[\w-]+(?:\.[\w-]+)*\.tsx?)\b/;

/** The path that a block gives itself in its first line, as in `// workflows/welcome.ts`. */
export const nameOf = ({ text }: Block): string | null => NAMED.exec(text)?.[1] ?? null;

interface Placed {
  file: string;
  block: Block;
}

/** Lays the blocks out in folders: those of a page together, until a name comes a second time. */
function layOut(folder: string, blocks: readonly Block[]): Placed[] {
  const placed: Placed[] = [];
  for (const [page, ofPage] of Map.groupBy(blocks, (block) => block.page)) {
    const base = join(folder, page.replaceAll(/[/.]/g, "-"));
    let taken = new Set<string>();
    let number = 0;
    for (const block of ofPage) {
      const name = nameOf(block) ?? `line-${block.line}.${block.language}`;
      if (taken.has(name)) {
        taken = new Set();
        number++;
      }
      taken.add(name);
      placed.push({ file: join(`${base}-${number}`, name), block });
    }
  }
  return placed;
}

function write(placed: readonly Placed[], folder: string): void {
  const projects = new Set(placed.map(({ file }) => join(folder, relative(folder, file).split("/")[0]!)));
  for (const project of projects) {
    for (const part of PROJECT) cpSync(join(root, part), join(project, part), { recursive: true });
  }
  for (const { file, block } of placed) {
    mkdirSync(dirname(file), { recursive: true });
    // Every line of the block stands on its line of the page, so that errors name that line.
    const before = "\n".repeat(Math.max(0, block.line - 2));
    writeFileSync(file, `${before}${block.given.replaceAll("\n", " ")}\n${block.text}\nexport {};\n`);
  }
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
  const config = { extends: join(root, "tsconfig.json"), compilerOptions, include: ["./**/*"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
}

/** What the compiler has against the blocks, each beginning with page and line. */
export async function typeErrors(blocks: readonly Block[]): Promise<string[]> {
  // Inside the repository, so that `import … from "knock"` means this package; ignored by git.
  mkdirSync(join(root, "coverage"), { recursive: true });
  const folder = mkdtempSync(join(root, "coverage", "docs-"));
  try {
    const placed = layOut(folder, blocks);
    write(placed, folder);
    const pages = new Map(placed.map(({ file, block }) => [relative(root, file), block.page]));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    if (!existsSync(tsc)) throw new Error("the compiler is not installed");
    const output = await run(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: root }).then(
      () => "",
      (error: { stdout?: string; message: string }) => error.stdout || error.message,
    );
    const lines = output.split("\n").filter((line) => line.trim() !== "");
    return lines.map((line) => line.replace(/^(coverage\/[^(]+)\((\d+),\d+\)/, (_all, file: string, at: string) => `${pages.get(file) ?? file}:${at}`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
