// `knock sync`: deploys this checkout, or says what that would do.
import type { DeployPlan, WorkflowPlan } from "../../deploy/plan/plan.ts";
import type { ArchiveOpen, Release } from "../../deploy/release.ts";
import { type Cli, CommandFailed } from "../cli.ts";
import { requireProject } from "../open-project.ts";
import { accepted, type Refusal, Refused } from "../refusal.ts";
import { plural } from "../terminal.ts";
import { planTable } from "./plan-table.ts";
import { releaseOf } from "./release-of.ts";
import { type DeployAnswer, type DeployPlaceOptions, type Going, withDeployWay } from "./way.ts";

/** What `knock sync` takes. */
export interface SyncOptions extends DeployPlaceOptions {
  plan?: boolean;
  markdown?: boolean;
  json?: boolean;
  allowBreaking?: boolean;
  archiveOpen?: ArchiveOpen;
}

/** The exit codes of `--plan`. */
const planCode = { nothing: 0, changes: 2, breaking: 3 } as const;

/** Workflows to be archived have runs under way. */
const leavesOpenRuns = ({ workflows }: DeployPlan): boolean =>
  workflows.some(({ change, waiting }) => change === "archived" && waiting.some(({ runs }) => runs > 0));

/** Ends the command with what a plan says to programs: what would be refused as it was asked for counts as breaking. */
function endWith(plan: DeployPlan, { archiveOpen }: SyncOptions): void {
  if (plan.breaking || (!archiveOpen && leavesOpenRuns(plan))) throw new CommandFailed(planCode.breaking);
  if (plan.changes) throw new CommandFailed(planCode.changes);
}

/** Where it goes, for people: `staging (https://…)`. */
export const placeWords = ({ way, place }: Going): string =>
  place.name === null ? way.place : `${place.name} (${way.place})`;

/** `commit 1a2b3c4`, or that there is none. */
export function commitWords(commit: string | null): string {
  if (commit === null) return "no commit";
  const [id, dirty] = commit.split("-");
  return `commit ${id!.slice(0, 7)}${dirty ? " with uncommitted changes" : ""}`;
}

const nothingToDo = ({ terminal: { paint } }: Cli, going: Going, { workflows }: DeployPlan): string =>
  `${paint.green("✓")} nothing to do: ${placeWords(going)} has the same ${plural(workflows.length, "workflow")}`;

/** A plan that was asked for, in the form that was asked for. */
async function planText(cli: Cli, options: SyncOptions, going: Going, plan: DeployPlan): Promise<string> {
  const { paint, columns } = cli.terminal;
  const where = placeWords(going);
  if (options.markdown) {
    const { planMarkdown } = await import("./plan-markdown.ts");
    return planMarkdown(plan, { environment: where }).trimEnd();
  }
  if (!plan.changes) return nothingToDo(cli, going, plan);
  const { planLines } = await import("./plan-lines.ts");
  return [...planLines(plan, paint, columns), "", paint.dim(`Nothing was changed in ${where}.`)].join("\n");
}

async function look(cli: Cli, options: SyncOptions, going: Going, release: Release): Promise<void> {
  const plan = accepted(await going.way.plan(release));
  const { commit } = release;
  const data = { environment: going.place.name, place: going.way.place, commit, plan };
  cli.terminal.out(options.json ? JSON.stringify(data, null, 2) : await planText(cli, options, going, plan));
  endWith(plan, options);
}

const MOST_AUTHOR = 40;

function tellDone(cli: Cli, going: Going, release: Release, { id, plan }: DeployAnswer & { ok: true }): void {
  const { out, paint } = cli.terminal;
  if (id === null) return out(nothingToDo(cli, going, plan));
  const where = placeWords(going);
  const done = plan.workflows.filter(({ change }) => change !== "unchanged");
  const what = done.every(({ change }) => change === "archived") ? "archived in" : "deployed to";
  out(`${paint.green("✓")} ${plural(done.length, "workflow")} ${what} ${where}\n`);
  for (const line of planTable(plan, paint)) out(line);
  const by = release.author ? ` by ${release.author.slice(0, MOST_AUTHOR)}` : "";
  out(`\n  ${paint.dim(`deploy ${id}${by}`)}\n  ${paint.dim(commitWords(release.commit))}`);
}

/** The workflows that kept a deploy from happening. */
function blockedBy({ workflows }: DeployPlan, { code, message }: Refusal): string[] {
  const isOpen = ({ key, change }: WorkflowPlan) => change === "archived" && message.includes(`"${key}"`);
  const isBlocked = code === "OPEN_RUNS" ? isOpen : ({ breaking }: WorkflowPlan) => breaking.length > 0;
  return workflows.filter(isBlocked).map(({ key }) => key);
}

/** Says why nothing was done, and ends the command. */
export function refuse(cli: Cli, going: Going, { refusal, plan }: DeployAnswer & { ok: false }, json = false): never {
  const { out, paint } = cli.terminal;
  if (json) {
    out(JSON.stringify({ environment: going.place.name, place: going.way.place, error: refusal, plan }, null, 2));
    throw new CommandFailed();
  }
  if (plan) {
    for (const line of planTable(plan, paint, blockedBy(plan, refusal))) out(line);
    out(`\n  ${paint.bold("Nothing was deployed")} to ${placeWords(going)}.\n`);
  }
  throw new Refused(refusal);
}

async function deploy(cli: Cli, options: SyncOptions, going: Going, release: Release): Promise<void> {
  const { allowBreaking = false, archiveOpen = null, json } = options;
  const answer = await going.way.deploy(release, { allowBreaking, archiveOpen });
  if (!answer.ok) return refuse(cli, going, answer, json);
  if (!json) return tellDone(cli, going, release, answer);
  const { id, plan } = answer;
  const { commit, author } = release;
  const told = { environment: going.place.name, place: going.way.place, deploy: id, commit, author, plan };
  cli.terminal.out(JSON.stringify(told, null, 2));
}

/** Deploys this checkout, or says what that would do. */
export async function sync(cli: Cli, options: SyncOptions): Promise<void> {
  const project = await requireProject(cli, options);
  await withDeployWay(cli, { options, project }, async (going) => {
    const release = await releaseOf(project, going.place.signingKey);
    await (options.plan ? look : deploy)(cli, options, going, release);
  });
}
