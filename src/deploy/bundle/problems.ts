// Why a workflow cannot be bundled, in words: place, cause, change.
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { Message } from "esbuild";
import { messageOf } from "../../base/message-of.ts";
import type { CallSite } from "../../definition/call-site.ts";
import type { Problem } from "../../registry/problem.ts";
import { frameworkFolder, type BundleSource } from "./plugins.ts";

const packageIn = (path: string): string | null =>
  /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(path)?.[1]?.replaceAll("\\", "/") ?? null;

/** Files that the plugins make up. */
const VIRTUAL = /^[\w-]{2,}:/;

/** The package that an import names. */
const packageNamed = (specifier: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;

type Words = Pick<Problem, "message" | "fix">;

/** The first of these that fits a message of esbuild's gives the words. */
const WORDS: [RegExp, (match: RegExpExecArray, from: string | null) => Words][] = [
  [
    /^this is a native module/,
    (_match, from) => ({
      message: `${from ? `the package "${from}"` : "this"} is a native module, made for one kind of machine`,
      fix: "call it in your own code and pass what it gives as data, or use a package of plain JavaScript",
    }),
  ],
  [
    /^workflows may import from "knock" alone, not from "(.+)"/,
    ([message]) => ({ message, fix: "move what needs it out of the files that the workflow imports" }),
  ],
  [
    /^Could not resolve "([^"]+)"/,
    ([, specifier]) =>
      /^[./]/.test(specifier!)
        ? { message: `the imported file "${specifier}" does not exist`, fix: "correct the import" }
        : {
            message: `the package "${packageNamed(specifier!)}" is not installed`,
            fix: `npm install ${packageNamed(specifier!)}`,
          },
  ],
  [
    /^No loader is configured for "([^"]+)" files/,
    ([, kind]) => ({
      message: `a file of the kind "${kind}" cannot be part of a bundle`,
      fix: "put what it holds into a .ts or .json file",
    }),
  ],
];

function missingExport(text: string, { file, exportName }: BundleSource): Words | null {
  const match = /^No matching export in "(.+)" for import "(.+)"$/.exec(text);
  if (!match) return null;
  const [, module, name] = match as unknown as [string, string, string];
  if (module.startsWith("workflow:") || (name === exportName && file.endsWith(module)))
    return { message: `the file has no export "${name}"`, fix: "export the workflow under that name" };
  if (/[\\/]definition[\\/]author\.[jt]s$/.test(module)) {
    const message = `"knock" has no "${name}" for workflows`;
    return { message, fix: "import it in knock.config.ts or in your server; if it is a type, write `import type`" };
  }
  return { message: `"${module}" has no export "${name}"`, fix: "correct the import" };
}

function siteOf(source: BundleSource, root: string, { location }: Message): CallSite {
  if (!location || VIRTUAL.test(location.file)) return { file: source.file, line: 1, column: 1 };
  return { file: resolve(root, location.file), line: location.line, column: location.column + 1 };
}

function wordsOf(source: BundleSource, { text, location }: Message): Words {
  const missing = missingExport(text, source);
  if (missing) return missing;
  for (const [form, say] of WORDS) {
    const match = form.exec(text);
    if (match) return say(match, packageIn(location?.file ?? ""));
  }
  return { message: text.charAt(0).toLowerCase() + text.slice(1), fix: "correct the file" };
}

/** What esbuild refused, one problem each. */
export function bundleProblems(source: BundleSource, root: string, error: unknown): Problem[] {
  const { errors } = error as { errors?: Message[] };
  if (errors) {
    return errors.map((message) => ({
      workflow: source.key,
      step: null,
      ...wordsOf(source, message),
      site: siteOf(source, root, message),
    }));
  }
  const site = { file: source.file, line: 1, column: 1 };
  return [{ workflow: source.key, step: null, message: messageOf(error), fix: "correct the file", site }];
}

const PLACE = /\bimport\.meta\.(url|dirname|filename|resolve)\b/;

/** Files of the project that ask where they are, as a bundle is nowhere: they would read files that are not there. */
export function readsItsPlace(
  source: BundleSource,
  root: string,
  bundle: { code: string; inputs: readonly string[] },
): Problem[] {
  if (!PLACE.test(bundle.code)) return [];
  const files = bundle.inputs
    .filter((input) => !input.includes("node_modules/") && !VIRTUAL.test(input))
    .map((input) => resolve(root, input))
    .filter((file) => relative(frameworkFolder, file).startsWith(".."));
  return files.flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line, index) => {
        const found = PLACE.exec(line);
        if (!found || /^\s*(\/\/|\*|\/\*)/.test(line)) return [];
        return [
          {
            workflow: source.key,
            step: null,
            message: `the file reads ${found[0]}, and a bundle has no place in a file system`,
            fix: "import what is read there (JSON), or put it into a .ts file",
            site: { file, line: index + 1, column: found.index + 1 },
          },
        ];
      }),
  );
}
