// What becomes of a project's workflows: bundled, loaded and compiled.
import { join } from "node:path";
import { artifactUrl, hashOfCode, importsOfCode } from "../../../src/deploy/artifacts/code.ts";
import { artifactLoader } from "../../../src/deploy/artifacts/loader.ts";
import { bundleWorkflows } from "../../../src/deploy/bundle/bundle.ts";
import { openWorkflows } from "../../../src/deploy/artifacts/open-workflows.ts";
import type { Artifact, ReleasedWorkflow } from "../../../src/deploy/release.ts";
import type { Registry } from "../../../src/registry/registry.ts";

/** A channel of each type. */
export const channels = ["inApp", "email", "sms", "push", "chat", "webhook"].map((type) => ({ key: type, type }));

/** Finds artifacts among these. */
export const finding = (artifacts: readonly Artifact[]) => async (hashes: readonly string[]) =>
  artifacts.filter(({ hash }) => hashes.includes(hash));

/** What bundling gives, ready to be opened. */
export interface Deployed {
  artifacts: readonly Artifact[];
  released: readonly ReleasedWorkflow[];
}

/** Bundles workflows: files by key, relative to the project's folder. */
export async function deployed(root: string, files: Record<string, string>): Promise<Deployed> {
  const sources = Object.entries(files).map(([key, file]) => ({ key, file: join(root, file), exportName: "default" }));
  const { artifacts, byWorkflow } = await bundleWorkflows(sources, { root });
  return { artifacts, released: [...byWorkflow].map(([key, artifact]) => ({ key, artifact, signature: null })) };
}

/** The registry of what was bundled. */
export const open = ({ artifacts, released }: Deployed): Promise<Registry> =>
  openWorkflows(released, { loader: artifactLoader(finding(artifacts)), channels, publicKeys: [] });

/** The same with another version of zod: its code changed by `patch`, so that it is another module, too. */
export function withOtherZod({ artifacts, released }: Deployed, patch: (code: string) => string): Deployed {
  const zod = artifacts.find(({ hash }) => !released.some(({ artifact }) => artifact === hash))!;
  const changed = patch(zod.code);
  const hash = hashOfCode(changed);
  const others = artifacts
    .filter((artifact) => artifact !== zod)
    .map((artifact) => {
      const code = artifact.code.replaceAll(artifactUrl(zod.hash), artifactUrl(hash));
      return {
        before: artifact.hash,
        artifact: { ...artifact, code, hash: hashOfCode(code), imports: importsOfCode(code) },
      };
    });
  const renamed = new Map(others.map(({ before, artifact }) => [before, artifact.hash]));
  return {
    artifacts: [...others.map(({ artifact }) => artifact), { ...zod, code: changed, hash }],
    released: released.map((workflow) => ({ ...workflow, artifact: renamed.get(workflow.artifact)! })),
  };
}
