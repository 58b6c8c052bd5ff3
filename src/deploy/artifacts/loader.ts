// Deployed code, loaded: found by hash, checked against it, imported once per process.
import { systemClock } from "../../base/clock.ts";
import { withinTime } from "../../base/deadline.ts";
import { KnockError } from "../../base/errors.ts";
import { messageOf } from "../../base/message-of.ts";
import type { ReactElementLike } from "../../definition/content.ts";
import { isWorkflow, Workflow, type WorkflowHandle } from "../../definition/workflow.ts";
import { hashOfCode, importsOfCode } from "./code.ts";
import { importArtifact } from "./hooks.ts";
import type { Artifact } from "../release.ts";

/** Reads artifacts by their hashes, in any order; those that do not exist are left out. */
export type FindArtifacts = (hashes: readonly string[]) => Promise<readonly Artifact[]>;

/** Turns artifacts into workflows. */
export interface ArtifactLoader {
  /**
   * The workflow of an artifact. Throws `ARTIFACT_REFUSED`: the artifact is missing or does not have its hash, throws
   * when it is loaded, holds no workflow or one with another key.
   */
  load(workflow: { key: string; artifact: string }): Promise<WorkflowHandle>;
}

/** Why an artifact is refused. */
class Refused extends Error {
  /** It was found and does not run here: another deploy of the same would fail in the same way. */
  readonly fails: boolean;

  constructor(message: string, options: ErrorOptions & { fails?: boolean } = {}) {
    super(message, options);
    this.fails = options.fails ?? false;
  }
}

const FAILS =
  "What stands at the top level of its files runs wherever it is loaded: set there what it needs (variables), and leave out native modules.";

/** What esbuild leaves of an import that it could not follow: packages find their native halves so. */
const NOT_IN_BUNDLE = /^Module not found in bundle: (.+)$/;

function problemOf(thrown: unknown): string {
  const [, name] = NOT_IN_BUNDLE.exec(messageOf(thrown)) ?? [];
  return name === undefined ? messageOf(thrown) : `it needs ${name}, which cannot be bundled`;
}

type Module = Record<string, unknown>;

/** A module with those that it imports. */
interface Loaded {
  exports: Module;
  imports: readonly Loaded[];
}

type Find = (hash: string) => Promise<Artifact | undefined>;

/** A module that waits for something when it is loaded would keep a deploy waiting, and whoever deploys next. */
const IN_TIME = { clock: systemClock, milliseconds: 10_000, late: () => null };

/** Modules of this process by hash: Node has them anyway, and evaluates each once. */
const modules = new Map<string, Promise<Loaded>>();

/** One question for all that is asked for at the same moment: 200 workflows are one query. */
function together(find: FindArtifacts): Find {
  let waiting: { hashes: Set<string>; found: Promise<Map<string, Artifact>> } | null = null;
  return async (hash) => {
    if (!waiting) {
      const hashes = new Set<string>();
      const found = Promise.resolve().then(async () => {
        waiting = null;
        return new Map((await find([...hashes])).map((artifact) => [artifact.hash, artifact]));
      });
      waiting = { hashes, found };
    }
    waiting.hashes.add(hash);
    return (await waiting.found).get(hash);
  };
}

async function load(find: Find, hash: string): Promise<Loaded> {
  const artifact = await find(hash);
  if (!artifact) throw new Refused(`artifact ${hash} does not exist`);
  if (hashOfCode(artifact.code) !== hash) throw new Refused(`the code of artifact ${hash} does not have this hash`);
  // Read from the code, which the hash covers, and loaded first: what is missing is known before anything runs.
  const imports = await Promise.all(importsOfCode(artifact.code).map((other) => moduleOf(find, other)));
  try {
    const exports = await withinTime<Module | null>(IN_TIME, () => importArtifact(artifact));
    if (exports) return { exports, imports };
  } catch (thrown) {
    throw new Refused(`it fails when it is loaded: ${problemOf(thrown)}`, { cause: thrown, fails: true });
  }
  throw new Refused("its top level waits for something that does not come");
}

function moduleOf(find: Find, hash: string): Promise<Loaded> {
  const known = modules.get(hash);
  if (known) return known;
  const loading = load(find, hash);
  modules.set(hash, loading);
  // It may be stored later.
  loading.catch(() => modules.delete(hash));
  return loading;
}

/** What makes HTML of React elements: the React that the bundle was made with, whatever this process has installed. */
const markupOf = ({ imports }: Loaded) =>
  imports.map(({ exports }) => exports.toMarkup).find((toMarkup) => typeof toMarkup === "function") as
    | ((element: ReactElementLike) => string)
    | undefined;

function workflowIn(loaded: Loaded, key: string): WorkflowHandle {
  const found = loaded.exports.default;
  if (!isWorkflow(found)) throw new Refused("it holds no workflow");
  if (found.key !== key) throw new Refused(`it holds the workflow "${found.key}"`);
  return new Workflow({ ...found.definition, toMarkup: markupOf(loaded) });
}

/**
 * A loader over stored artifacts. What was loaded is kept for the life of the process.
 *
 * @example const loader = artifactLoader((hashes) => readArtifacts(db, hashes));
 */
export function artifactLoader(find: FindArtifacts): ArtifactLoader {
  const findOne = together(find);
  return {
    async load({ key, artifact }) {
      try {
        return workflowIn(await moduleOf(findOne, artifact), key);
      } catch (thrown) {
        if (!(thrown instanceof Refused)) throw thrown;
        const details = { workflow: key, problem: thrown.message, ...(thrown.fails && { fix: FAILS }) };
        throw new KnockError("ARTIFACT_REFUSED", details, { cause: thrown });
      }
    },
  };
}
