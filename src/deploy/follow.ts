// A process that runs what is deployed: it loads the workflows from the database, asks again and again whether
// something else was deployed, and takes that over as a whole or not at all. Rolling back is one more deploy.
import { pause, type Clock } from "../base/clock.ts";
import { KnockError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { createBell } from "../engine/bell.ts";
import type { ArchivedWorkflows } from "../engine/engine.ts";
import type { Listeners } from "../engine/events.ts";
import type { ChannelKey } from "../registry/compile-context.ts";
import type { CompiledWorkflow, Registry } from "../registry/registry.ts";
import { findArtifacts } from "../store/artifacts.ts";
import type { Database } from "../store/database.ts";
import { currentVersions, latestDeploy, type CurrentVersion } from "../store/deploys.ts";
import { artifactLoader } from "./artifacts/loader.ts";
import { openArchived, openWorkflows } from "./artifacts/open-workflows.ts";
import type { ReleasedWorkflow } from "./release.ts";

/** How often it is asked whether something was deployed, in milliseconds. */
const LOOK_EVERY = 500;

/** How often a deploy that was refused is tried again, in milliseconds: what was wrong may pass, as a busy machine does. */
const TRY_AGAIN_EVERY = 60_000;

const NOTHING: Registry = new Map();

/** What a follower works with. */
export interface FollowOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
  /** The channels of this process, which steps may name. */
  channels: readonly ChannelKey[];
  /** With any, only workflows that one of these signed are run. */
  publicKeys: readonly string[];
  listeners: Pick<Listeners, "onDeploy">;
  /** Told the version ids by hash of the structure, in the moment in which `registry` changes. */
  adopt(versions: ReadonlyMap<string, string>): void;
}

/** What of what is deployed a process runs. */
export interface Following {
  /** Id of the deploy that was taken over last; `null` when nothing was ever deployed. */
  readonly deploy: string | null;
  /** Why a later deploy was not taken over; `null` when none was refused. */
  readonly refused: KnockError | null;
  readonly publicKeys: readonly string[];
}

/** Follows what is deployed. */
export interface Follower extends Following {
  registry(): Registry;
  readonly archived: ArchivedWorkflows;
  /**
   * Loads what is deployed.
   *
   * @throws KnockError ARTIFACT_REFUSED, INVALID_WORKFLOW, DATABASE_UNREACHABLE.
   */
  load(): Promise<void>;
  /** Looks now, and takes over what was deployed since. What is refused is told and leaves everything as it is. */
  look(): Promise<void>;
  /** Looks at once instead of a little later. */
  hurry(): void;
  /** Looks again and again, until stopped. */
  start(): void;
  stop(): Promise<void>;
}

/** The workflows of one deploy. */
interface Loaded {
  deploy: string | null;
  registry: Registry;
  /** Those that were deployed from artifacts, archived ones too. */
  versions: readonly CurrentVersion[];
}

const isReleased = (version: CurrentVersion): version is CurrentVersion & { artifact: string } =>
  version.artifact !== null;

const releasedOf = ({ workflow, artifact, signature }: CurrentVersion & { artifact: string }): ReleasedWorkflow => ({
  key: workflow,
  artifact,
  signature,
});

const isRefusal = (error: unknown): error is KnockError =>
  KnockError.is(error, "ARTIFACT_REFUSED") || KnockError.is(error, "INVALID_WORKFLOW");

/** Loads what is deployed. Code that was loaded before is neither read nor loaded again. */
function reader({ database, channels, publicKeys }: FollowOptions) {
  const opening = { loader: artifactLoader((hashes) => findArtifacts(database.db, hashes)), channels, publicKeys };
  return {
    async read(): Promise<Loaded> {
      // First: what is deployed in between is found the next time.
      const deploy = await latestDeploy(database.db);
      const versions = await currentVersions(database.db);
      const open = versions.filter(({ status }) => status !== "archived").filter(isReleased);
      return { deploy, versions, registry: await openWorkflows(open.map(releasedOf), opening) };
    },
    /** One that is archived. */
    async readArchived(key: string, versions: readonly CurrentVersion[]): Promise<CompiledWorkflow | null> {
      const archived = versions.filter(isReleased).find(({ workflow }) => workflow === key);
      return archived ? openArchived(releasedOf(archived), opening) : null;
    },
  };
}

function versionIds({ registry, versions }: Loaded): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { workflow, versionId } of versions) {
    const compiled = registry.get(workflow);
    if (compiled) ids.set(compiled.hash, versionId);
  }
  return ids;
}

/** Workflows that were archived, each loaded when a run asks for it first. */
function createArchive(options: FollowOptions, read: (key: string) => Promise<CompiledWorkflow | null>) {
  let found = new Map<string, CompiledWorkflow | null>();
  let loading = new Set<string>();

  async function load(key: string): Promise<void> {
    const [into, from] = [found, loading];
    try {
      into.set(key, await read(key));
    } catch (error) {
      options.logger.error("the content of an archived workflow cannot be loaded", { workflow: key, error });
      // Its fixed texts are part of what its runs keep.
      if (isRefusal(error)) into.set(key, null);
    }
    from.delete(key);
  }

  return {
    find(key: string) {
      if (!found.has(key) && !loading.has(key)) {
        loading.add(key);
        void load(key);
      }
      return found.get(key);
    },
    loading: () => loading,
    forget: () => void ([found, loading] = [new Map(), new Set()]),
  };
}

/**
 * Makes what loads the deployed workflows and follows what is deployed.
 *
 * @example
 * const follower = createFollower({ database, clock, logger, channels, publicKeys: [], listeners: {}, adopt });
 * await follower.load();
 * follower.start();
 */
export function createFollower(options: FollowOptions): Follower {
  const { database, clock, logger, listeners } = options;
  const { read, readArchived } = reader(options);
  const archived = createArchive(options, (key) => readArchived(key, loaded.versions));
  const bell = createBell();
  let loaded: Loaded = { deploy: null, registry: NOTHING, versions: [] };
  let refused: { deploy: string | null; error: KnockError; at: Date } | null = null;
  let stopping = new AbortController();
  let following: Promise<void> | null = null;

  /** All at once: there is no moment with the calls of one deploy and the runs of another. */
  function swap(next: Loaded): void {
    options.adopt(versionIds(next));
    archived.forget();
    loaded = next;
    refused = null;
  }

  function refuse(deploy: string | null, error: KnockError): void {
    const again = refused?.deploy === deploy;
    refused = { deploy, error, at: clock.now() };
    if (again) return;
    logger.error("a deploy is refused here; what ran before goes on until it can be taken over", { deploy, error });
    listeners.onDeploy?.({ outcome: "refused" });
  }

  async function look(): Promise<void> {
    const latest = await latestDeploy(database.db);
    const due = refused !== null && clock.now().getTime() - refused.at.getTime() >= TRY_AGAIN_EVERY;
    if (latest === (refused ?? loaded).deploy && !due) return;
    try {
      swap(await read());
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return refuse(latest, error);
    }
    logger.info("a deploy was taken over", { deploy: loaded.deploy, workflows: loaded.registry.size });
    listeners.onDeploy?.({ outcome: "taken" });
  }

  async function follow(signal: AbortSignal): Promise<void> {
    let rung = bell.next();
    for (;;) {
      await pause(clock, LOOK_EVERY, AbortSignal.any([signal, rung]));
      if (signal.aborted) return;
      // Before it looks: what rings meanwhile is looked at once more.
      rung = bell.next();
      // The database may go away and come back.
      await look().catch((error: unknown) =>
        logger.error("what is deployed could not be looked up and is looked up again", { error }),
      );
    }
  }

  return {
    publicKeys: options.publicKeys,
    get deploy() {
      return loaded.deploy;
    },
    get refused() {
      return refused?.error ?? null;
    },
    registry: () => loaded.registry,
    archived,
    load: async () => swap(await read()),
    look,
    hurry: bell.ring,
    start() {
      stopping = new AbortController();
      following = follow(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await following;
      following = null;
    },
  };
}
