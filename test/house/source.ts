import { readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { type ESTree, parseSync } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** One import, export-from, dynamic import or type import. */
export interface Import {
  /** As written. */
  specifier: string;
  /** From the root of the repository, when it is a file of ours. */
  target: string | null;
  kind: "value" | "type" | "dynamic";
  line: number;
}

/** A node of the syntax tree, as far as the checks look into it. */
export type Node = ESTree.Node & Record<string, unknown>;

/** One source file, parsed. */
export interface Source {
  path: string;
  text: string;
  imports: Import[];
  comments: { text: string; line: number }[];
  /** Calls `look` for every node. */
  walk(look: (node: Node, line: number) => void): void;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

function visit(node: Node, look: (node: Node) => void): void {
  look(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, look);
  }
}

/** Parses one file. The path decides what its relative imports mean. */
export function parseSource(path: string, text: string): Source {
  const { program, module, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]!.message}`);
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length;
  const walk = (look: (node: Node) => void) => visit(program as unknown as Node, look);
  const imports: Import[] = [];
  const add = (specifier: string, start: number, kind: Import["kind"]) => {
    const target = specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : null;
    imports.push({ specifier, target, kind, line: lineOf(start) });
  };
  for (const { moduleRequest, start } of module.staticImports) {
    add(moduleRequest.value, start, /^import\s+type\b/.test(text.slice(start)) ? "type" : "value");
  }
  for (const { start, entries } of module.staticExports) {
    const from = entries[0]?.moduleRequest?.value;
    if (from) add(from, start, /^export\s+type\b/.test(text.slice(start)) ? "type" : "value");
  }
  walk((node) => {
    const source = node["source"] as { value?: unknown } | undefined;
    if (node.type === "ImportExpression" && typeof source?.value === "string") add(source.value, node.start, "dynamic");
    if (node.type === "TSImportType" && typeof source?.value === "string") add(source.value, node.start, "type");
  });
  return {
    path,
    text,
    imports,
    comments: comments.map(({ value, start }) => ({ text: value, line: lineOf(start) })),
    walk: (look) => walk((node) => look(node, lineOf(node.start))),
  };
}

const IGNORED = new Set(["node_modules", ".git", ".knock", "dist", "coverage"]);

/** The files below the given folders or at the given paths, from the root of the repository. */
export function filesIn(places: string[], ending: RegExp): string[] {
  const entries = readdirSync(root, { withFileTypes: true, recursive: false });
  const walk = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      if (IGNORED.has(entry.name)) return [];
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? walk(path) : [path];
    });
  const found = places.flatMap((place) => {
    const entry = entries.find(({ name }) => name === place);
    if (!entry) return [];
    return entry.isDirectory() ? walk(place) : [place];
  });
  return found.filter((path) => ending.test(path)).toSorted();
}

/** The text of a file of the repository. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** All TypeScript below the given folders, parsed. */
export const sourcesIn = (...folders: string[]): Source[] =>
  filesIn(folders, /\.tsx?$/).map((path) => parseSource(path, read(path)));
