// A project, from its files: the config, the workflows, and everything that has to be changed before
// they can run. Every file is tried, so that one command names every mistake.
import { basename, dirname, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { compileWorkflows } from "../registry/compile.ts";
import type { Config } from "../registry/config.ts";
import type { WorkflowHandle } from "../definition/workflow.ts";
import type { Problem } from "../registry/problem.ts";
import type { Registry } from "../registry/registry.ts";
import { findProject, workflowFiles, type ProjectPlace } from "./find-project.ts";
import { importProblem } from "./import-problem.ts";
import { projectModules, type ProjectModules } from "./module-hooks.ts";

/** What was found in a project's files. */
export interface LoadedProject {
  place: ProjectPlace;
  /** `null` when the config could not be loaded. */
  config: Config | null;
  /** `null` when anything is wrong. */
  registry: Registry | null;
  problems: Problem[];
  /** Every file that was read or looked for, with its state then: a change in one of them changes the project. */
  files: ReadonlyMap<string, string>;
}

/** A project in which nothing is wrong. */
export interface SoundProject extends LoadedProject {
  config: Config;
  registry: Registry;
}

type Module = Record<string, unknown>;

/** One reading of a project's files. */
interface Reading {
  place: ProjectPlace;
  modules: ProjectModules;
  problems: Problem[];
  /** What could be imported, by path. */
  imported: Map<string, Module>;
  /** Files that could not be imported, by their own fault or that of a file they import. */
  broken: Set<string>;
}

async function importFile({ modules, problems, imported, broken }: Reading, file: string): Promise<Module | null> {
  try {
    const module = (await import(pathToFileURL(file).href)) as Module;
    imported.set(file, module);
    return module;
  } catch (error) {
    broken.add(file);
    problems.push(importProblem({ error, file, last: modules.last, files: modules.files.keys() }));
    return null;
  }
}

const looksLikeWorkflow = (value: unknown): boolean => {
  const definition = (value as { definition?: { key?: unknown; steps?: unknown } } | null | undefined)?.definition;
  return typeof definition?.key === "string" && Array.isArray(definition.steps);
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The default export of the config, when it has the form of one. */
function configOf({ place, problems }: Reading, module: Module): Config | null {
  const refuse = (message: string, fix: string): null => {
    problems.push({ workflow: null, step: null, message, fix, site: { file: place.config, line: 1, column: 1 } });
    return null;
  };
  const config = module.default;
  if (!isObject(config))
    return refuse("the config has no default export", "export default defineConfig({ workflows, channels: { … } })");
  if (!isObject(config.workflows)) {
    return refuse(
      "the config names no workflows",
      'import * as workflows from "./workflows/index.ts" and pass them to defineConfig',
    );
  }
  if (!isObject(config.channels))
    return refuse("the config has no channels", "add channels, such as { feed: inApp() }");
  const notProvider = Object.entries(config.channels).find(
    ([, provider]) => !isObject(provider) || typeof provider.channel !== "string",
  );
  if (notProvider)
    return refuse(`channel "${notProvider[0]}" is no provider`, "give it one, such as inApp() or smtp({ … })");
  return config as unknown as Config;
}

const asName = (file: string): string =>
  basename(file)
    .replace(/\..*$/, "")
    .replaceAll(/[-_](\w)/g, (_all, letter: string) => letter.toUpperCase());

/** Workflow files that `workflows/index.ts` forgets: they would silently not exist. */
function forgotten({ place, imported, problems }: Reading, exported: Config["workflows"]): void {
  const { index, files } = workflowFiles(place.root);
  if (!index) return;
  const known = new Set<unknown>(Object.values(exported));
  const indexPath = relative(place.root, index);
  for (const file of files) {
    const missing = Object.entries(imported.get(file) ?? {}).find(
      ([, value]) => looksLikeWorkflow(value) && !known.has(value),
    );
    if (!missing) continue;
    const [name, workflow] = missing as [string, WorkflowHandle];
    const clause = name === "default" ? `default as ${asName(file)}` : name;
    const path = relative(dirname(index), file).replaceAll("\\", "/");
    problems.push({
      workflow: workflow.key,
      step: null,
      message: `the workflow is not exported from ${indexPath}, so it does not exist`,
      fix: `add to ${indexPath}: export { ${clause} } from "./${path}";`,
      site: { file, line: workflow.definition.site?.line ?? 1, column: 1 },
    });
  }
}

/** Reads all files once; those in `without` count as empty. */
async function readFiles(
  place: ProjectPlace,
  without: ReadonlySet<string>,
): Promise<Reading & { config: Config | null }> {
  const modules = projectModules();
  modules.renew(without);
  const reading: Reading = { place, modules, problems: [], imported: new Map(), broken: new Set() };
  const { index, files } = workflowFiles(place.root);
  // One after the other: the file that was read last is then the one with the syntax error.
  for (const file of [...files, ...(index ? [index] : [])]) if (!without.has(file)) await importFile(reading, file);
  const module = await importFile(reading, place.config);
  return { ...reading, config: module && configOf(reading, module) };
}

/** The registry of the config's workflows. What the index forgets or cannot reach is checked, too, and left out. */
async function compile({ imported, problems }: Reading, config: Config): Promise<Registry | null> {
  const channels = Object.entries(config.channels).map(([key, { channel }]) => ({ key, type: channel }));
  const options = { users: config.users ?? null, channels };
  const found = [...imported.values()]
    .flatMap((module) => Object.values(module))
    .filter(looksLikeWorkflow) as WorkflowHandle[];
  const unlisted = new Set(found).difference(new Set(Object.values(config.workflows)));
  const compiled = compileWorkflows(config.workflows, options);
  problems.push(
    ...compiled.problems,
    ...compileWorkflows(Object.fromEntries(Object.entries([...unlisted])), options).problems,
  );
  if (!compiled.registry) return null;
  const { inputProblems } = await import("../api/graphql/build-schema.ts");
  problems.push(...inputProblems(compiled.registry));
  return compiled.registry;
}

/** Each problem once, in the order of the files. */
function inOrder(problems: Problem[]): Problem[] {
  const once = new Map(
    problems.map((problem) => [JSON.stringify([problem.site, problem.message, problem.step]), problem]),
  );
  const place = ({ site }: Problem) => (site ? `${site.file}\0${String(site.line).padStart(8, "0")}` : "\uffff");
  return [...once.values()].toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** One broken workflow keeps the config from loading. Read without it, the others can be checked all the same. */
async function problemsBehind({ place, broken }: Reading): Promise<Problem[]> {
  const own = new Set([place.config]);
  const { index } = workflowFiles(place.root);
  // The index may be broken by what it exports, or by itself.
  for (const kept of [new Set([...own, index]), own]) {
    const without = broken.difference(kept);
    if (without.size === 0) continue;
    const reading = await readFiles(place, without);
    if (!reading.config) continue;
    const entries = Object.entries(reading.config.workflows).filter(([, workflow]) => looksLikeWorkflow(workflow));
    const config: Config = { ...reading.config, workflows: Object.fromEntries(entries) };
    const found = { ...reading, problems: [] };
    await compile(found, config);
    if (index && reading.imported.has(index)) forgotten(found, config.workflows);
    return found.problems;
  }
  return [];
}

/** Reads a project's files as they are now and says everything that is wrong with them. */
export async function loadProject(cwd: string, given?: string): Promise<LoadedProject> {
  const place = findProject(cwd, given);
  const first = await readFiles(place, new Set());
  const files = new Map(first.modules.files);
  let registry: Registry | null = null;
  if (first.config) {
    registry = await compile(first, first.config);
    forgotten(first, first.config.workflows);
  }
  const others = first.config ? [] : await problemsBehind(first);
  const sorted = inOrder([...first.problems, ...others]);
  return { place, config: first.config, registry: sorted.length === 0 ? registry : null, problems: sorted, files };
}

/** Whether everything in the project is in order. */
export const isSound = (project: LoadedProject): project is SoundProject => project.registry !== null;
