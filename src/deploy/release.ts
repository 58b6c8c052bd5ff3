// What a deploy brings: the workflows of a checkout as code that any process can load, and where it comes from.

/** Code that is deployed: one ES module, addressed by its hash. Imports nothing but Node's own modules and artifacts. */
export interface Artifact {
  /** SHA-256 of the code, in hexadecimal. */
  hash: string;
  code: string;
  /** Leads from the code to the author's files, for stack traces. Not part of the hash. */
  sourceMap: string | null;
  /** Hashes of the artifacts that the code imports, as `knock://artifact/<hash>`: packages that workflows share. */
  imports: string[];
}

/** One workflow of a release. What it is and does, whoever loads the artifact finds in it. */
export interface ReleasedWorkflow {
  key: string;
  /** Hash of the artifact whose default export is the workflow. */
  artifact: string;
  /** Ed25519 signature, base64; `null` when the release is not signed. See `signedText`. */
  signature: string | null;
}

/** All workflows of a checkout: one that is deployed and not among them is archived. */
export interface Release {
  workflows: ReleasedWorkflow[];
  /** All that the workflows need, but for what the environment is known to have. */
  artifacts: Artifact[];
  /** The git commit; `null` without git. A checkout with changes of its own has `-dirty` behind it. */
  commit: string | null;
  /** Whoever deploys, for people. */
  author: string | null;
}

/** What to do with the open runs of workflows that are archived. `finish` lets them go on. */
export type ArchiveOpen = "finish" | "cancel";

/** What a deploy may do. */
export interface DeployOptions {
  /** Deploys changes that break callers or runs under way. Default: `false`. */
  allowBreaking?: boolean;
  /** Changes nothing where something was deployed before, also when that was a moment ago. Default: `false`. */
  onlyFirst?: boolean;
  /** Default: a workflow with open runs is not archived, and the deploy is refused. */
  archiveOpen?: ArchiveOpen | null;
}
