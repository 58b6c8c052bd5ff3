import { existsSync } from "node:fs";
import { posix } from "node:path";
import type { Node, Source } from "./source.ts";

/** The longest file there may be, in lines. */
const MOST_LINES = 400;

/** Files that are too long to be read at once. */
export const tooLong = (files: { path: string; text: string }[]): string[] =>
  files.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split("\n").length;
    return lines > MOST_LINES ? [`${path} has ${lines} lines, ${MOST_LINES} is the most`] : [];
  });

const name = (node: unknown): string | undefined => (node as { name?: string } | undefined)?.name;

const TIMERS = /^set(Timeout|Interval)$/;

/** What of the machine's time a node uses, if anything. */
function timeIn(node: Node): string | null {
  if (node.type === "NewExpression" && name(node["callee"]) === "Date" && (node["arguments"] as unknown[]).length === 0)
    return "new Date()";
  if (node.type === "MemberExpression") {
    const member = `${name(node["object"])}.${name(node["property"])}`;
    if (member === "Date.now" || member === "performance.now" || /^globalThis\.set(Timeout|Interval)$/.test(member))
      return member;
  }
  if (
    node.type === "ImportDeclaration" &&
    String((node["source"] as { value: unknown }).value).startsWith("node:timers")
  ) {
    const timer = (node["specifiers"] as unknown as Record<string, unknown>[]).find(({ imported }) =>
      TIMERS.test(name(imported) ?? ""),
    );
    if (timer) return `${name(timer["imported"])} of node:timers`;
  }
  if (node.type === "CallExpression" && TIMERS.test(name(node["callee"]) ?? "")) return name(node["callee"])!;
  return null;
}

/** Uses of the machine's time or timers outside the clock: tests could not travel through them. */
export function ownTime(sources: Source[]): string[] {
  const found: string[] = [];
  for (const source of sources.filter(({ path }) => path !== "src/base/clock.ts")) {
    source.walk((node, line) => {
      const what = timeIn(node);
      if (what)
        found.push(
          `${source.path}:${line} uses ${what}; take a clock from src/base/clock.ts or \`now\` as an argument`,
        );
    });
  }
  return found;
}

/** SQL, or a database driver, outside the store. */
export function strayStatements(sources: Source[]): string[] {
  const found: string[] = [];
  for (const source of sources.filter(({ path }) => !path.startsWith("src/store/"))) {
    source.walk((node, line) => {
      if (node.type === "TaggedTemplateExpression" && name(node["tag"]) === "sql")
        found.push(`${source.path}:${line} writes SQL; that belongs into src/store`);
    });
    for (const { specifier, line } of source.imports) {
      if (/^(drizzle-orm|postgres|@electric-sql\/pglite)($|\/)/.test(specifier))
        found.push(`${source.path}:${line} imports ${specifier}; that belongs into src/store`);
    }
  }
  return found;
}

/** Ways around the compiler, and reminders that nobody is reminded by. */
export function wayward(sources: Source[]): string[] {
  const found: string[] = [];
  for (const { path, comments, walk } of sources) {
    walk((node, line) => {
      if (node.type === "TSAnyKeyword") found.push(`${path}:${line} says any`);
    });
    for (const { text, line } of comments) {
      const match = /@ts-(?:ignore|nocheck)|\b(?:TODO|FIXME|XXX|HACK)\b/.exec(text);
      if (match) found.push(`${path}:${line} says ${match[0]}`);
      // Tests may show what does not compile.
      if (/@ts-expect-error/.test(text) && !path.startsWith("test/"))
        found.push(`${path}:${line} expects a type error outside the tests`);
    }
  }
  return found;
}

const OUR_PATH =
  /^(?:\.\/)?((?:src|docs|workflows|test|bin|bench|drizzle|\.ci)\/[\w./-]*[\w/]|[\w.-]+\.(?:ts|tsx|mjs|json|md))$/;

/** Paths that a document names in `code` or links to, with their lines. Blocks of code are the reader's own files. */
function pathsIn(path: string, text: string): { named: string; at: string; line: number }[] {
  let inBlock = false;
  return text.split("\n").flatMap((content, index) => {
    if (/^\s*(```|~~~)/.test(content)) inBlock = !inBlock;
    if (inBlock) return [];
    const code = [...content.matchAll(/`([^`]+)`/g)].map(([, named]) => ({
      named: named!,
      at: OUR_PATH.exec(named!)?.[1] ?? null,
    }));
    const links = [...content.replaceAll(/`[^`]*`/g, "code").matchAll(/\]\(([^)\s]+)\)/g)].map(([, named]) => ({
      named: named!,
      at: /^(?:[a-z]+:|#)/.test(named!) ? null : posix.join(posix.dirname(path), named!.split("#")[0]!),
    }));
    return [...code, ...links].flatMap(({ named, at }) => (at === null ? [] : [{ named, at, line: index + 1 }]));
  });
}

/** Paths in documents that are not there. `exists` is told paths from the root. */
export function deadPaths(
  documents: { path: string; text: string }[],
  exists: (path: string) => boolean = existsSync,
): string[] {
  return documents.flatMap(({ path, text }) =>
    pathsIn(path, text)
      // A bare file name may belong to the folder that the document is in.
      .filter(({ at }) => !exists(at) && !(!at.includes("/") && exists(posix.join(posix.dirname(path), at))))
      .map(({ named, line }) => `${path}:${line} names ${named}, which is not there`),
  );
}
