// `knock status`: what is deployed, and whether it is this checkout.
import { type Cli, CommandFailed } from "../cli.ts";
import { requireProject } from "../open-project.ts";
import { accepted } from "../refusal.ts";
import { plural } from "../terminal.ts";
import { planTable } from "./plan-table.ts";
import { releaseOf } from "./release-of.ts";
import { commitWords, placeWords } from "./sync.ts";
import { type DeployPlaceOptions, type ListedDeploy, withDeployWay } from "./way.ts";

/** What `knock status` takes. */
export interface StatusOptions extends DeployPlaceOptions {
  json?: boolean;
}

/** The exit code when the checkout is not what is deployed. */
const DIFFERS = 2;

/** The lines about the newest deploy. */
function latestLines(latest: ListedDeploy | null): string[] {
  if (latest === null) return ["nothing was ever deployed"];
  const { kind, commit, author, createdAt } = latest;
  const by = author ? ` by ${author}` : "";
  const what = kind === "rollback" ? "rollback" : commitWords(commit);
  return [`last deploy ${createdAt.slice(0, 16).replace("T", " ")} UTC${by}`, what];
}

/** Says what differs between this checkout and what is deployed. */
export async function status(cli: Cli, options: StatusOptions): Promise<void> {
  const { out, paint } = cli.terminal;
  const project = await requireProject(cli, options);
  await withDeployWay(cli, { options, project }, async (going) => {
    const { commit, ...release } = await releaseOf(project, going.place.signingKey);
    const plan = accepted(await going.way.plan({ ...release, commit }));
    const latest = accepted(await going.way.latest());
    const where = placeWords(going);
    if (options.json) {
      const workflows = plan.workflows.map(({ key, change, from, to }) => ({ key, change, from, to }));
      const { name: environment } = going.place;
      const told = { environment, place: going.way.place, same: !plan.changes, commit, latest, workflows };
      out(JSON.stringify(told, null, 2));
    } else if (plan.changes) {
      const differing = plan.workflows.filter(({ change }) => change !== "unchanged");
      out(`${paint.yellow("!")} this checkout differs from ${where}: ${plural(differing.length, "workflow")}\n`);
      for (const line of planTable(plan, paint)) out(line);
      out();
      for (const line of [...latestLines(latest), `here: ${commitWords(commit)}`]) out(`  ${paint.dim(line)}`);
    } else {
      out(`${paint.green("✓")} ${where} has the same ${plural(plan.workflows.length, "workflow")} as this checkout`);
      for (const line of latestLines(latest)) out(`  ${paint.dim(line)}`);
    }
    if (plan.changes) throw new CommandFailed(DIFFERS);
  });
}
