// Releases of workflows that are written down in a test, bundled as `knock sync` bundles them.
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { silentLogger } from "../../src/base/logger.ts";
import { bundleWorkflows } from "../../src/deploy/bundle/bundle.ts";
import type { DeployContext, DeployOutcome } from "../../src/deploy/context.ts";
import { currentVersions } from "../../src/store/deploys.ts";
import type { DeployPlan, WorkflowPlan } from "../../src/deploy/plan/plan.ts";
import type { Release } from "../../src/deploy/release.ts";
import { channelTypes } from "../../src/channels/messages.ts";
import type { Database } from "../../src/store/database.ts";
import { type VirtualClock, virtualClock } from "../../src/testing/virtual-clock.ts";
import { START } from "./engine.ts";

const root = resolve(import.meta.dirname, "../..");

const bundled = new Map<string, Promise<Release>>();

async function bundle(files: Record<string, string>): Promise<Release> {
  const folder = await mkdtemp(join(tmpdir(), "knock-release-"));
  try {
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    const sources = await Promise.all(
      Object.entries(files).map(async ([key, chain]) => {
        const file = join(folder, `${key}.ts`);
        const imports = 'import { code, eq, liquid, not, workflow } from "knock";\nimport { z } from "zod";\n';
        await writeFile(file, `${imports}void [code, eq, liquid, not];\nexport default workflow("${key}", ${chain};\n`);
        return { key, file, exportName: "default" };
      }),
    );
    const { artifacts, byWorkflow } = await bundleWorkflows(sources, { root: folder });
    const workflows = [...byWorkflow].map(([key, artifact]) => ({ key, artifact, signature: null }));
    return { workflows, artifacts, commit: null, author: null };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * A release of workflows by key, each as what follows `workflow("key", ` in its file.
 *
 * @example await releaseOf({ welcome: `{ data: z.object({}) }).inApp("feed", { body: "Hi" })` })
 */
export function releaseOf(files: Record<string, string>, by: Partial<Release> = {}): Promise<Release> {
  const text = JSON.stringify(files);
  const known = bundled.get(text) ?? bundle(files);
  bundled.set(text, known);
  return known.then((release) => ({ ...release, ...by }));
}

/** What deploys work with in tests: every type of channel, and a schema of nothing but the keys. */
export const deployContext = (
  database: Database,
  given: Partial<DeployContext> = {},
): DeployContext & { clock: VirtualClock } => ({
  database,
  clock: virtualClock(START),
  logger: silentLogger,
  channels: channelTypes.map((type) => ({ key: type, type })),
  publicKeys: [],
  sdlOf: (registry) =>
    [...registry.values()]
      .map(({ key, schema }) => `${key}: ${Object.keys(schema.shape).toSorted().join()}`)
      .join("\n"),
  ...(given as object),
});

/** The outcome of a deploy that must have changed something. */
export function deployed(outcome: DeployOutcome): { id: string; plan: DeployPlan } {
  if (!outcome.ok) throw outcome.error;
  if (outcome.id === null) throw new Error("nothing was deployed");
  return { id: outcome.id, plan: outcome.plan };
}

/** What a plan says of one workflow. */
export function planOf({ workflows }: DeployPlan, key: string): WorkflowPlan {
  const found = workflows.find((workflow) => workflow.key === key);
  if (!found) throw new Error(`the plan has no ${key}`);
  return found;
}

/** What is current: `key@number status`. */
export const current = async ({ db }: Pick<Database, "db">): Promise<string[]> =>
  (await currentVersions(db)).map(({ workflow, number, status }) =>
    [`${workflow}@${number}`, ...(status === "active" ? [] : [status])].join(" "),
  );
