// `knock versions` and `knock rollback`.
import type { Cli } from "../cli.ts";
import { accepted } from "../refusal.ts";
import { plural, type Paint } from "../terminal.ts";
import { planTable } from "./plan-table.ts";
import { authorOf } from "./release-of.ts";
import { placeWords, refuse } from "./sync.ts";
import { type DeployAnswer, type DeployPlaceOptions, type ListedVersion, withDeployWay } from "./way.ts";

/** What `knock versions` takes. */
export interface VersionsOptions extends DeployPlaceOptions {
  after?: string;
  json?: boolean;
}

/** What `knock rollback` takes. */
export interface RollbackOptions extends DeployPlaceOptions {
  allowBreaking?: boolean;
  author?: string;
  json?: boolean;
}

const minute = (at: string): string => at.slice(0, 16).replace("T", " ");

/** `1a2b3c4-dirty`: as git shortens it. */
const shortCommit = (commit: string | null): string => commit?.replace(/^([0-9a-f]{7})[0-9a-f]+/, "$1") ?? "no commit";

/** Who made a version the current one, and from what. */
function originOf({ deploys: [newest], artifact }: ListedVersion): string {
  if (artifact === null) return "from the files of a process";
  if (!newest) return "";
  const by = newest.author ? `  by ${newest.author}` : "";
  return `${(newest.kind === "rollback" ? "rollback" : shortCommit(newest.commit)).padEnd(13)}${by}`;
}

function versionLine(version: ListedVersion, paint: Paint): string {
  const { number, current, createdAt, openRuns, deploys } = version;
  const runs = openRuns > 0 ? `  ${plural(openRuns, "open run")}` : "";
  const name = `v${number}`.padEnd(5);
  const mark = current ? `${paint.green("●")} ${paint.bold(name)}` : `  ${name}`;
  return `${mark}  ${paint.dim(minute(deploys[0]?.createdAt ?? createdAt))}  ${originOf(version)}${runs}`;
}

/** Lists the versions of a workflow, newest first. */
export async function versions(cli: Cli, workflow: string, options: VersionsOptions): Promise<void> {
  const { out, paint } = cli.terminal;
  await withDeployWay(cli, { options }, async ({ way }) => {
    const { versions: found, next } = accepted(await way.versions(workflow, options.after ?? null));
    if (options.json) return out(JSON.stringify({ workflow, versions: found, next }, null, 2));
    for (const version of found) out(versionLine(version, paint));
    if (next !== null) out(paint.dim(`there are more: --after ${next}`));
  });
}

/** What was refused has no plan that `knock sync` could show. */
const inWordsOfRollback = (answer: DeployAnswer & { ok: false }): DeployAnswer & { ok: false } =>
  answer.refusal.code === "BREAKING_CHANGE"
    ? { ...answer, refusal: { ...answer.refusal, hint: "To bring it back all the same: --allow-breaking." } }
    : answer;

/** Brings an earlier version back. */
export async function rollbackTo(
  cli: Cli,
  asked: { workflow: string; version: number | null },
  options: RollbackOptions,
): Promise<void> {
  const { out, paint } = cli.terminal;
  const author = options.author ?? (await authorOf(cli.cwd));
  await withDeployWay(cli, { options }, async (going) => {
    const { way, place } = going;
    const answer = await way.rollback({ ...asked, author, allowBreaking: options.allowBreaking ?? false });
    if (!answer.ok) return refuse(cli, going, inWordsOfRollback(answer), options.json);
    const { id, plan } = answer;
    if (options.json) {
      return out(JSON.stringify({ environment: place.name, place: way.place, deploy: id, author, plan }, null, 2));
    }
    const rolled = plan.workflows.find(({ key }) => key === asked.workflow);
    const name = `${asked.workflow} v${rolled?.to ?? asked.version}`;
    if (id === null) return out(`${paint.green("✓")} nothing to do: ${name} is the current version`);
    out(`${paint.green("✓")} ${name} is the current version again in ${placeWords(going)}\n`);
    for (const line of planTable({ ...plan, workflows: rolled ? [rolled] : [] }, paint)) out(line);
    out(`\n  ${paint.dim(`deploy ${id}`)}`);
  });
}
