// Why a project file cannot be imported, in the form of every other problem: place, cause, change.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { KnockError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import type { CallSite } from "../definition/call-site.ts";
import type { Problem } from "../registry/problem.ts";
import { SourceRefused } from "./module-hooks.ts";
import { syntaxPosition } from "./syntax-position.ts";

/** What is known when an import failed. */
export interface FailedImport {
  error: unknown;
  /** The file whose import was asked for; the mistake may be in one that it imports. */
  file: string;
  /** The project file that was read last. */
  last: string | null;
  /** The project files that were read so far. */
  files: Iterable<string>;
}

type Found = Pick<Problem, "message" | "fix" | "site">;

const read = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

const asPath = (text: string): string =>
  text.startsWith("file:") ? fileURLToPath(text.replace(/\?.*$/, "")) : text.replace(/\?.*$/, "");

/** The place in the lines that Node prints above the stack: file and line, source, carets. */
function frameSite(stack: string): CallSite | null {
  const lines = stack.split("\n");
  const head = /^((?:file:\/\/)?[^\s].*?):(\d+)$/.exec(lines[0] ?? "");
  if (!head) return null;
  const caret = lines.slice(1).find((line) => /^\s*\^+\s*$/.test(line));
  return { file: asPath(head[1]!), line: Number(head[2]), column: (caret?.indexOf("^") ?? 0) + 1 };
}

/** The first place in a project file that a stack passes. */
function stackSite(stack: string): CallSite | null {
  for (const line of stack.split("\n")) {
    const frame = /(file:\/\/[^\s()]+?):(\d+):(\d+)\)?$/.exec(line);
    if (!frame || !frame[1]!.includes("?v=")) continue;
    return { file: asPath(frame[1]!), line: Number(frame[2]), column: Number(frame[3]) };
  }
  return null;
}

/** Where a file imports something whose specifier ends like this, and the specifier. */
function importOf(file: string, ending: string): { site: CallSite; specifier: string } | null {
  const lines = read(file).split("\n");
  for (const [index, line] of lines.entries()) {
    if (!/\b(import|from)\b/.test(line)) continue;
    const quoted = [...line.matchAll(/(["'])([^"']+)\1/g)].find((match) => match[2]!.endsWith(ending));
    if (quoted) return { site: { file, line: index + 1, column: quoted.index + 1 }, specifier: quoted[2]! };
  }
  return null;
}

const notErasable: [RegExp, string][] = [
  [/enum/i, 'use a union of literals ("red" | "blue") or an object with `as const`'],
  [/parameter propert/i, "declare the field in the class and assign it in the constructor"],
  [/namespace|module/i, "move it into a file of its own and export from there"],
  [/import (equals|=)|export =/i, "use `import … from` and `export`"],
];

function notErasableProblem(error: Error): Found {
  const what = error.message.replace(/ is not supported in strip-only mode/i, "").replace(/^TypeScript /, "");
  return {
    message: `TypeScript ${what} cannot run: files run as they are written, with the types removed`,
    fix: notErasable.find(([form]) => form.test(error.message))?.[1] ?? "use syntax that only adds types",
    site: frameSite(error.stack ?? ""),
  };
}

function missingExportProblem(error: Error, module: string, name: string): Found {
  const site = frameSite(error.stack ?? "");
  const target =
    site && module.startsWith(".") ? read(fileURLToPath(new URL(module, `file://${encodeURI(site.file)}`))) : "";
  const exported = (kinds: string) =>
    [...target.matchAll(new RegExp(`export\\s+(?:async\\s+)?(?:${kinds})\\s+(\\w+)`, "g"))].map((match) => match[1]!);
  const isType = exported("interface|type").includes(name);
  const near = nearest(name, exported("const|let|function|class"));
  const fix = isType
    ? `"${name}" is a type: write import type { ${name} }`
    : near
      ? `did you mean "${near}"?`
      : name === "default"
        ? `give ${module} a default export, or import what it exports by name`
        : `export "${name}" from ${module}, or write \`import type\` if it is a type`;
  return { message: `"${module}" has no export "${name}"`, fix, site };
}

const withoutExtension = (name: string): string => name.replace(/\.\w+$/, "");

function missingModuleProblem(missing: string, importer: string): Found {
  const file = asPath(importer);
  const name = basename(missing);
  const found = importOf(file, missing.startsWith("/") ? name : missing);
  const site = found?.site ?? { file, line: 1, column: 1 };
  const specifier = found?.specifier ?? name;
  if (!missing.startsWith("/")) {
    return { message: `the package "${missing}" is not installed`, fix: `npm install ${missing}`, site };
  }
  const siblings = existsSync(dirname(missing)) ? readdirSync(dirname(missing)) : [];
  const same = siblings.find((sibling) => withoutExtension(sibling) === withoutExtension(name));
  // Any two short names are near each other.
  const near =
    withoutExtension(name).length > 3 ? nearest(withoutExtension(name), siblings.map(withoutExtension)) : null;
  const meant = same ?? siblings.find((sibling) => withoutExtension(sibling) === near);
  const path = meant && specifier.slice(0, specifier.length - name.length) + meant;
  const lacksExtension = same && extname(name) === "";
  const fix = lacksExtension
    ? `write the extension: "${path}"`
    : path
      ? `did you mean "${path}"?`
      : `create ${name}, or correct the import`;
  return { message: `the imported file "${specifier}" does not exist`, fix, site };
}

function syntaxProblem(error: Error, { last, file }: FailedImport): Found {
  const missing = /module '(.+)' does not provide an export named '(.+)'/.exec(error.message);
  if (missing) return missingExportProblem(error, missing[1]!, missing[2]!);
  const suspect = last ?? file;
  const framed = frameSite(error.stack ?? "");
  const position = framed ?? syntaxPosition(suspect, read(suspect)) ?? { line: 1, column: 1 };
  const message = error.message.charAt(0).toLowerCase() + error.message.slice(1);
  return { message: `syntax error: ${message}`, fix: "correct the syntax", site: { file: suspect, ...position } };
}

function thrownProblem(error: unknown, { file, last, files }: FailedImport): Found {
  if (!(error instanceof Error)) {
    return {
      message: `the file throws ${String(error)} when it is imported`,
      fix: "throw nothing at the top of a file",
      site: { file, line: 1, column: 1 },
    };
  }
  const site = stackSite(error.stack ?? "") ?? { file: last ?? file, line: 1, column: 1 };
  if (KnockError.is(error)) return { message: error.message, fix: error.hint, site };
  const json = /Module "(.+)" needs an import attribute/.exec(error.message)?.[1];
  if (json) {
    const name = basename(asPath(json));
    const place =
      [file, ...files].map((importer) => importOf(importer, name)).find((found) => found !== null)?.site ?? site;
    return {
      message: `the import of "${name}" does not say that it is JSON`,
      fix: 'add with { type: "json" }',
      site: place,
    };
  }
  return {
    message: `importing the file fails: ${error.name}: ${error.message}`,
    fix: "correct this line; the top of a file runs when it is imported",
    site,
  };
}

/** The problem behind a failed import. */
export function importProblem(failed: FailedImport): Problem {
  const { error } = failed;
  const code = (error as { code?: unknown } | null)?.code;
  const find = (): Found => {
    if (error instanceof SourceRefused) return { message: error.message, fix: error.fix, site: error.site };
    if (!(error instanceof Error)) return thrownProblem(error, failed);
    if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") return notErasableProblem(error);
    if (error instanceof SyntaxError) return syntaxProblem(error, failed);
    const missing =
      code === "ERR_MODULE_NOT_FOUND" ? /Cannot find \w+ '(.+)' imported from (.+)$/.exec(error.message) : null;
    return missing ? missingModuleProblem(missing[1]!, missing[2]!) : thrownProblem(error, failed);
  };
  return { workflow: null, step: null, ...find() };
}
