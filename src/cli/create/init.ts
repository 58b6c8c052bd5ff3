// `knock init`: a project that runs, in a folder that has none.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import type { Cli, GlobalOptions } from "../cli.ts";
import { findConfig } from "../find-project.ts";
import { completeManifest, type OwnManifest, type ProjectManifest, projectFiles } from "./project-files.ts";
import { refuse, writeNewFiles } from "./write-files.ts";

/** What `knock init` takes. */
export interface InitOptions extends GlobalOptions {
  json?: boolean;
}

const ownFile = new URL("../../../package.json", import.meta.url);

/** What npm accepts as a name, from the name of the folder. */
const nameOf = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[-._]+|[-._]+$/g, "")
    .replace(/^knock$/, "") || "notifications";

function manifestAt(file: string): ProjectManifest {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProjectManifest;
  } catch {
    throw refuse("package.json is not JSON.", "Correct it, or begin in an empty folder.");
  }
}

/** Makes a project. What is there already stays as it is; only `package.json` is completed. */
export async function init(cli: Cli, folder: string, { json }: InitOptions): Promise<void> {
  const { terminal, cwd } = cli;
  const root = resolve(cwd, folder);
  const config = findConfig(root);
  if (config !== null)
    throw refuse(
      `There is a project already: ${relative(cwd, config) || config}.`,
      "Add to it with `knock new workflow`, or name another folder.",
    );
  const manifestFile = join(root, "package.json");
  const manifest = manifestAt(manifestFile);
  if (manifest.type !== undefined && manifest.type !== "module")
    throw refuse(
      `package.json says "type": "${manifest.type}", and workflows are ES modules.`,
      "Say `npm pkg set type=module`, or begin in an empty folder.",
    );
  const name = manifest.name ?? nameOf(root);
  const all = Object.entries(projectFiles(name));
  // A folder may hold a README or a .gitignore of its own.
  const kept = all.map(([path]) => path).filter((path) => existsSync(join(root, path)));
  const clash = kept.find((path) => path.endsWith(".ts"));
  if (clash !== undefined)
    throw refuse(`${clash} exists already, and nothing is overwritten.`, "Move it, or name another folder.");
  mkdirSync(root, { recursive: true });
  const files = Object.fromEntries(all.filter(([path]) => !kept.includes(path)));
  writeNewFiles(root, files);
  const own = JSON.parse(readFileSync(ownFile, "utf8")) as OwnManifest;
  writeFileSync(manifestFile, `${JSON.stringify(completeManifest(manifest, name, own), null, 2)}\n`);
  const written = ["package.json", ...Object.keys(files)];
  if (json) return terminal.out(JSON.stringify({ folder: root, written, kept }));
  const { paint } = terminal;
  for (const path of written) terminal.out(`${paint.green("✓")} ${path}`);
  for (const path of kept)
    terminal.out(`${paint.yellow("–")} ${path} ${paint.dim("was there already and stays as it is")}`);
  const go = root === cwd ? "" : `cd ${relative(cwd, root)} && `;
  terminal.out(`\nNow: ${paint.bold(`${go}npm install && npm run dev`)}`);
}
