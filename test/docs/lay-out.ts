// Blocks of TypeScript as files of projects like the example project.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Block, root } from "./read-docs.ts";

/** What the example project consists of: blocks may import these. */
const PROJECT = ["workflows", "knock.config.ts"];

const NAMED = /^\/\/ (?:file: )?((?:[\w.-]+\/)*[\w-]+(?:\.[\w-]+)*\.tsx?)\b/;

/** The path that a block gives itself in its first line, as in `// workflows/welcome.ts`. */
export const nameOf = ({ text }: Block): string | null => NAMED.exec(text)?.[1] ?? null;

/** A block and its file. */
export interface Placed {
  /** Absolute path. */
  file: string;
  block: Block;
}

/** A new folder inside the repository, where `import … from "knock"` means this package; git ignores it. */
export function newFolder(): string {
  mkdirSync(join(root, "coverage"), { recursive: true });
  return mkdtempSync(join(root, "coverage", "docs-"));
}

/** Folders of one page: its blocks are together, until a name comes a second time. */
function placesOf(base: string, blocks: readonly Block[]): Map<string, Placed[]> {
  const projects = new Map<string, Placed[]>();
  let taken = new Set<string>();
  let number = 0;
  for (const block of blocks) {
    const name = nameOf(block) ?? `line-${block.line}.${block.language}`;
    if (taken.has(name)) {
      taken = new Set();
      number++;
    }
    taken.add(name);
    const project = `${base}-${number}`;
    projects.set(project, [...(projects.get(project) ?? []), { file: join(project, name), block }]);
  }
  return projects;
}

/** The text of a file in which every line of the block stands on its line of the page. */
const sourceOf = ({ line, given, text }: Block): string =>
  `${"\n".repeat(Math.max(0, line - 2))}${given.replaceAll("\n", " ")}\n${text}\nexport {};\n`;

function copyProject(to: string): void {
  for (const part of PROJECT) cpSync(join(root, part), join(to, part), { recursive: true });
}

/** Writes blocks into a folder. */
export function layOut(folder: string, blocks: readonly Block[]): Placed[] {
  const all: Placed[] = [];
  // For blocks that stand in a subfolder of their project and import `../workflows/index.ts`.
  copyProject(folder);
  for (const [page, ofPage] of Map.groupBy(blocks, (block) => block.page)) {
    for (const [project, placed] of placesOf(join(folder, page.replaceAll(/[/.]/g, "-")), ofPage)) {
      copyProject(project);
      for (const { file, block } of placed) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, sourceOf(block));
      }
      all.push(...placed);
    }
  }
  return all;
}

/** Removes a folder made by `newFolder`. */
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });
