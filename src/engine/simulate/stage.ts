// What a simulation works with, and what it keeps in memory.
import type { JsonObject } from "../../base/canonical-json.ts";
import type { Clock } from "../../base/clock.ts";
import type { Plan } from "../../registry/plan.ts";
import { planOf } from "../../registry/plan.ts";
import type { Registry } from "../../registry/registry.ts";
import type { BatchActivityRow, BatchRow, BatchTotals, TakenActivity } from "../../store/batches.ts";
import type { Executor } from "../../store/executor.ts";
import type { NotificationSource } from "../../store/schema/notifications.ts";
import type { RunState, RunStatus, TraceEntry } from "../../store/schema/runs.ts";
import type { ThrottleCount } from "../../store/throttles.ts";
import type { EngineContext } from "../engine.ts";
import { exampleLinks } from "../links/links.ts";
import type { BatchSnapshot, MessageSnapshot, World } from "../run.ts";
import type { Reached } from "../passage.ts";
import type { Assumptions, CourseMessage, CourseStep } from "./contract.ts";
import type { People } from "./people.ts";

/** A notification that the simulation made, or that a run belongs to which waits in reality. */
export interface StagedNotification {
  id: string;
  workflow: string;
  data: JsonObject;
  recipients: readonly string[];
  lists: readonly string[];
  actorId: string | null;
  tenantId: string | null;
  cancellationKey: string | null;
  source: NotificationSource | null;
  createdAt: Date;
}

/** A message with what has become of it. */
export interface StagedMessage extends CourseMessage {
  engagement: Omit<MessageSnapshot, "status">;
}

/** A run between two passages. */
export interface StagedRun {
  id: string;
  notification: StagedNotification;
  plan: Plan;
  recipientId: string;
  existing: boolean;
  status: RunStatus;
  step: string | null;
  state: RunState;
  trace: TraceEntry[];
  wakeAt: Date | null;
  passages: number;
  /** What it waits for: see the table `waits`. */
  wait: { step: string; event: string; match: string } | null;
  /** Its decisions so far, those too that later ones took the place of. */
  steps: CourseStep[];
  messages: StagedMessage[];
  /** What a run had made and collected before the simulation, by ref. */
  earlier: { messages: ReadonlyMap<string, MessageSnapshot>; batches: ReadonlyMap<string, BatchSnapshot> };
}

/** A batch with the activities that the simulation has added. */
export interface StagedBatch {
  row: BatchRow;
  /** It is open in reality, and may hold other activities. */
  live: boolean;
  added: BatchActivityRow[];
  /** What is in it in reality: read when it is closed. */
  part?: { totals: BatchTotals | null; taken: readonly TakenActivity[]; actors: ReadonlySet<string> };
}

/** Work that is due now, in the order in which it came up. */
export type StagedJob =
  | { kind: "begin"; notificationIds: readonly string[] }
  | { kind: "fanOut"; notificationId: string; list: number }
  | { kind: "chunk"; reached: readonly Reached[] }
  | { kind: "deliver"; messages: readonly StagedMessage[] }
  | { kind: "look"; messages: readonly StagedMessage[] }
  | { kind: "fetch"; runs: readonly StagedRun[] };

/** A simulation while it goes on. */
export interface Stage {
  context: EngineContext;
  tx: Executor;
  registry: Registry;
  /** Workflows that are switched off. */
  inactive: ReadonlySet<string>;
  /** Virtual. */
  now: Date;
  first: number;
  assume: Assumptions;
  people: People;
  notifications: Map<string, StagedNotification>;
  runs: Map<string, StagedRun>;
  messages: Map<string, StagedMessage>;
  runOfMessage: Map<string, StagedRun>;
  throttles: Map<string, ThrottleCount | null>;
  batches: Map<string, StagedBatch>;
  /** The open batch of each identity that was looked up. */
  open: Map<string, string | null>;
  jobs: StagedJob[];
  assumed: Set<string>;
  omitted: Set<string>;
}

const plans = new WeakMap<object, Plan>();

/** The plan of a workflow as it is deployed. */
export function planFor({ registry }: Pick<Stage, "registry">, workflow: string): Plan {
  const { structure } = registry.get(workflow)!;
  const known = plans.get(structure) ?? planOf(structure);
  plans.set(structure, known);
  return known;
}

/** What is the same for all runs of a plan now. To be asked for once per plan and passage. */
export function worldsOf({ context, registry, inactive, now }: Stage): (plan: Plan) => World {
  const worlds = new Map<Plan, World>();
  return (plan) => {
    const known = worlds.get(plan);
    if (known) return known;
    const { channels, preferences: environmentPreferences, timezone } = context;
    const { key } = plan.structure;
    const content = (registry.get(key) ?? context.archived.find(key))?.content ?? null;
    const world = { plan, active: !inactive.has(key), content, channels, environmentPreferences, timezone, now };
    // A simulation is read by people whom the links are not for.
    worlds.set(plan, { ...world, links: exampleLinks(context.links), openings: new Map() });
    return worlds.get(plan)!;
  };
}

/** The clock of a simulation: it stands, and no timer fires. */
export const clockOf = (stage: Stage): Clock => ({ now: () => stage.now, after: () => () => {} });
