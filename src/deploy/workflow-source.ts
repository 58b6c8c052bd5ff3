// Where a system takes its workflows from: its own checkout, or what is deployed.
import { KnockError } from "../base/errors.ts";
import type { RunningEngine } from "../engine/create-engine.ts";
import type { ArchivedWorkflows, EngineContext } from "../engine/engine.ts";
import type { Registry } from "../registry/registry.ts";
import { createFollower, type FollowOptions, type Following } from "./follow.ts";

/** Where workflows come from. */
export interface WorkflowSource {
  /** What the engine reads of it. */
  context: Pick<EngineContext, "registry" | "archived" | "content" | "onNewVersion">;
  /** What of what is deployed is run; `null` for an own checkout. */
  following: Following | null;
  /** Has the workflows there, before the engine starts. */
  start(engine: RunningEngine): Promise<void>;
  /** Takes over changed files. */
  reload(engine: RunningEngine, compile: () => Registry): Promise<void>;
  stop(): Promise<void>;
}

const NONE: ReadonlySet<string> = new Set();

const nothingArchived: ArchivedWorkflows = { find: () => null, loading: () => NONE };

/** The workflows of an own checkout, which a reload may change. */
export function ownWorkflows(first: Registry): WorkflowSource {
  let registry = first;
  return {
    context: { registry: () => registry, archived: nothingArchived, content: "local", onNewVersion: () => {} },
    following: null,
    start: async () => {},
    async reload(engine, compile) {
      const next = compile();
      await engine.deploy(next);
      registry = next;
    },
    stop: async () => {},
  };
}

/** The workflows that are deployed, which change with each deploy. */
export function deployedWorkflows(options: Omit<FollowOptions, "adopt">): WorkflowSource {
  let adopt: FollowOptions["adopt"] = () => {};
  const follower = createFollower({ ...options, adopt: (versions) => adopt(versions) });
  return {
    context: {
      registry: follower.registry,
      archived: follower.archived,
      content: "deployed",
      onNewVersion: follower.hurry,
    },
    following: follower,
    async start(engine) {
      adopt = engine.adopt;
      await follower.load();
      if (follower.deploy === null)
        options.logger.warn("nothing is deployed yet: no call is taken until somebody does (knock sync)");
      follower.start();
    },
    async reload() {
      throw new KnockError("INVALID_CONFIG", {
        problem: "this process runs what is deployed, and takes no changed files over",
        fix: 'Deploy them with `knock sync`, or create it with content: "local".',
      });
    },
    stop: follower.stop,
  };
}
