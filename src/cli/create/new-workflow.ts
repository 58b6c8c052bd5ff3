// `knock new workflow`: a file, its line in the index, a test; all of it in order when they are written.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isWorkflowKey } from "../../base/names.ts";
import { type Cli, CommandFailed, type GlobalOptions } from "../cli.ts";
import { workflowFiles } from "../find-project.ts";
import { isSound, loadProject, type SoundProject } from "../load-project.ts";
import { printProblems, requireProject } from "../open-project.ts";
import { chooseChannels, usualChannel } from "./choose-channels.ts";
import { type DataField, parseFields } from "./data-fields.ts";
import { identifierOf, keyFrom, nameFrom } from "./identifier.ts";
import { type Questions, questionsAt } from "./questions.ts";
import { indexLine, type NewStep, testText, workflowText } from "./workflow-files.ts";
import { refuse, writeNewFiles } from "./write-files.ts";

/** What `knock new workflow` takes. */
export interface NewWorkflowOptions extends GlobalOptions {
  channel?: string[];
  data?: string;
  name?: string;
  json?: boolean;
}

function requireFreeKey({ registry }: SoundProject, key: string): void {
  if (!isWorkflowKey(key)) {
    const meant = keyFrom(key);
    const hint = 'Use lower case words joined by "-" or "_", at most 255 characters.';
    throw refuse(`"${key}" cannot be a key.`, meant && meant !== key ? `Did you mean ${meant}? ${hint}` : hint);
  }
  if (registry.has(key)) throw refuse(`There is a workflow "${key}" already.`, "Choose another key.");
  const alike = [...registry.keys()].find((other) => identifierOf(other) === identifierOf(key));
  if (alike !== undefined)
    throw refuse(`"${key}" and "${alike}" would have the same name in GraphQL.`, "Choose another key.");
}

/** The index of the workflows, into which the new line goes. */
function requireIndex({ place: { root } }: SoundProject): string {
  const { index } = workflowFiles(root);
  if (index !== null) return index;
  throw refuse(
    "There is no workflows/index.ts, so the config has its workflows from elsewhere.",
    'Create it, and let the config have: import * as workflows from "./workflows/index.ts".',
  );
}

const BOUND = /import\s*\{[^}]*\bworkflow\b[^}]*\}\s*from\s*["'](\.[^"']+)["']/;

/** Where the workflows beside the new one have `workflow` from, when that is a file of the project. */
function sourceOf({ place: { root } }: SoundProject): { from: string; users: boolean } {
  for (const file of workflowFiles(root).files.filter((path) => dirname(path) === join(root, "workflows"))) {
    const from = BOUND.exec(readFileSync(file, "utf8"))?.[1];
    if (from === undefined) continue;
    const bound = join(dirname(file), from);
    const users = existsSync(bound) && /export const users\b/.test(readFileSync(bound, "utf8"));
    return { from, users: users && from.startsWith("./") };
  }
  return { from: "knock", users: false };
}

const separated = (text: string): string[] =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);

async function stepsOf(
  { config }: SoundProject,
  given: string[] | undefined,
  questions: Questions | null,
): Promise<NewStep[]> {
  const { channels } = config;
  const usual = usualChannel(channels);
  if (usual === null)
    throw refuse("The config has no channel yet.", "Add one to knock.config.ts: channels: { feed: inApp() }.");
  const read = (answer: string) => {
    const chosen = chooseChannels(channels, separated(answer));
    return chosen.ok ? { value: chosen.steps } : { problem: chosen.problem };
  };
  if (!given && questions) return questions.ask(`Channels, of ${Object.keys(channels).join(", ")}:`, usual, read);
  const found = read(given?.join(",") ?? usual);
  if ("value" in found) return found.value;
  throw refuse(
    `${found.problem.charAt(0).toUpperCase()}${found.problem.slice(1)}.`.replace(/\?\.$/, "?"),
    "Name channels of the config, or their types, with --channel.",
  );
}

async function dataOf(given: string | undefined, questions: Questions | null): Promise<DataField[]> {
  const read = (answer: string) => {
    const parsed = parseFields(answer);
    return parsed.ok ? { value: parsed.fields } : { problem: parsed.problem };
  };
  if (given === undefined && questions) return questions.ask("Data, such as title:string,amount:number?:", "", read);
  const found = read(given ?? "");
  if ("value" in found) return found.value;
  throw refuse(
    `--data: ${found.problem}.`.replace(/\?\.$/, "?"),
    "Write it as in --data title:string,amount:number?,role:admin|member.",
  );
}

/** The project with the new workflow must be in order, too. */
async function requireInOrder(cli: Cli, { config }: GlobalOptions): Promise<void> {
  const project = await loadProject(cli.cwd, config);
  if (isSound(project)) return;
  printProblems(cli, project);
  throw new CommandFailed();
}

/** Makes a workflow. */
export async function newWorkflow(cli: Cli, key: string, options: NewWorkflowOptions): Promise<void> {
  const project = await requireProject(cli, options);
  requireFreeKey(project, key);
  const index = requireIndex(project);
  const questions = options.json ? null : questionsAt(cli.terminal);
  let steps, data;
  try {
    steps = await stepsOf(project, options.channel, questions);
    data = await dataOf(options.data, questions);
  } finally {
    questions?.close();
  }
  const { root } = project.place;
  const name = options.name ?? nameFrom(key);
  const workflow = { key, name, identifier: identifierOf(key), data, steps, ...sourceOf(project) };
  const files = {
    [`workflows/${key}.ts`]: workflowText(workflow),
    [`test/workflows/${key}.test.ts`]: testText(workflow),
  };
  writeNewFiles(root, files);
  const before = readFileSync(index, "utf8");
  writeFileSync(index, `${before}${before === "" || before.endsWith("\n") ? "" : "\n"}${indexLine(workflow)}`);
  await requireInOrder(cli, options);
  const written = Object.keys(files);
  const changed = [relative(root, index).replaceAll("\\", "/")];
  const { out, paint } = cli.terminal;
  if (options.json) return out(JSON.stringify({ key, written, changed }));
  for (const path of written) out(`${paint.green("✓")} ${path}`);
  for (const path of changed) out(`${paint.green("✓")} ${path} ${paint.dim("one line more")}`);
}
