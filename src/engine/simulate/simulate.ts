// What a call would lead to, without anything happening: the pure parts of the engine on the live state, in memory.
import type { Issue } from "../../base/errors.ts";
import type { Registry } from "../../registry/registry.ts";
import { readOnly } from "../../store/read-only.ts";
import type { Executor } from "../../store/executor.ts";
import { inactiveWorkflows } from "../../store/workflow-versions.ts";
import { invalid, type Outcome } from "../directory/directory.ts";
import type { EngineContext } from "../engine.ts";
import { acceptanceOf, usedKey, warningsOf } from "../notify/accept.ts";
import { prepare, type Prepared } from "../notify/prepare.ts";
import type { NotifyCall, Refused } from "../notify-call.ts";
import { takeOver } from "./answers.ts";
import { assumptionIssues } from "./assumptions.ts";
import { countPeople } from "./begin.ts";
import type { Course, SimulateOptions, Simulation } from "./contract.ts";
import { createPeople } from "./people.ts";
import type { Stage, StagedRun } from "./stage.ts";
import { simulationText } from "./text.ts";
import { letTimePass } from "./time.ts";

/** People that are gone through unless the caller says otherwise, and at most. */
const FIRST = 100;
const MOST_FIRST = 1_000;

/** Ids hold the time of a call, in milliseconds since 1970; the end is that of ISO 8601 as people write it. */
const EARLIEST = new Date("1970-01-01T00:00:00Z");
const LATEST = new Date("9999-12-31T23:59:59.999Z");

function momentIssues(at: unknown): Issue[] {
  if (at === undefined) return [];
  if (!(at instanceof Date && Number.isFinite(at.getTime())))
    return [{ path: ["at"], message: "must be a moment", code: "invalid_type" }];
  if (at >= EARLIEST && at <= LATEST) return [];
  return [{ path: ["at"], message: "must be in the years 1970 to 9999", code: "out_of_range" }];
}

function optionIssues({ at, first = FIRST, assume = {} }: SimulateOptions, registry: Registry): Issue[] {
  const issues = momentIssues(at);
  if (!Number.isInteger(first) || first < 1 || first > MOST_FIRST)
    issues.push({ path: ["first"], message: `must be a whole number from 1 to ${MOST_FIRST}`, code: "invalid_value" });
  return [...issues, ...assumptionIssues(assume, registry)];
}

function courseOf({ id, notification, recipientId, state, ...run }: StagedRun): Course {
  const { existing, status, wakeAt, steps, messages } = run;
  return {
    runId: id,
    notificationId: notification.id,
    workflow: notification.workflow,
    recipientId,
    via: notification.source?.kind === "step" ? [...notification.source.via] : [],
    list: state.list ?? null,
    existing,
    status,
    wakeAt,
    failure: state.failure ?? null,
    steps,
    messages: messages.map(({ engagement: _engagement, ...message }) => message),
  };
}

async function stageOf(
  context: EngineContext,
  tx: Executor,
  { at = context.clock.now(), first = FIRST, assume = {} }: SimulateOptions,
): Promise<Stage> {
  return {
    context,
    tx,
    registry: context.registry(),
    inactive: await inactiveWorkflows(tx),
    now: at,
    first,
    assume,
    people: createPeople(tx),
    notifications: new Map(),
    runs: new Map(),
    messages: new Map(),
    runOfMessage: new Map(),
    throttles: new Map(),
    batches: new Map(),
    open: new Map(),
    jobs: [],
    assumed: new Set(),
    omitted: new Set(),
  };
}

/** The course of a call that fits the workflows. */
async function course(
  context: EngineContext,
  tx: Executor,
  { call, prepared, options }: { call: NotifyCall; prepared: Prepared; options: SimulateOptions },
): Promise<Refused | { ok: true; simulation: Simulation }> {
  const stage = await stageOf(context, tx, options);
  const at = stage.now;
  const used = await usedKey(tx, call);
  if (used && !used.ok) return used;
  const found = await acceptanceOf(tx, [prepared]);
  const [error] = await takeOver(stage, [prepared]);
  if (error) return { ok: false, error };
  const notification = stage.notifications.get(prepared.id)!;
  const total = await countPeople(stage, notification);
  await letTimePass(stage);
  const courses = [...stage.runs.values()].map(courseOf);
  const simulated = courses.filter(({ notificationId }) => notificationId === prepared.id).length;
  const { workflow } = prepared;
  const warnings = warningsOf(prepared, found);
  const told = { assumed: [...stage.assumed], omitted: [...stage.omitted] };
  const simulation = { at, workflow, total, simulated, warnings, courses, ...told };
  return { ok: true, simulation: { ...simulation, text: simulationText(simulation, context) } };
}

/**
 * What a notify call would lead to, over the whole course of its runs: steps, messages as they would be rendered, and
 * when. Nothing is written, sent or called. Everything is as it is now: people, lists, preferences, open batches and
 * throttles; only the clock begins at `at`. Errors: those of notify, and `INVALID_INPUT` for the options.
 *
 * @example await simulate(context, { workflow: "new-comment", recipients: ["ada"], data: { … } }, { at: new Date("2026-03-01T08:00:00Z") })
 */
export async function simulate(
  context: EngineContext,
  call: NotifyCall,
  options: SimulateOptions = {},
): Promise<Outcome<{ simulation: Simulation }>> {
  const issues = optionIssues(options, context.registry());
  if (issues.length > 0) return invalid("The simulation", issues);
  const { at = context.clock.now() } = options;
  const clock = { ...context.clock, now: () => at };
  const prepared = await prepare(call, { ...context, clock });
  const { database } = context;
  return readOnly(database, async (tx) => {
    if (prepared.ok) return course(context, tx, { call, prepared, options: { ...options, at } });
    const used = await usedKey(tx, call);
    return used && !used.ok ? used : prepared;
  });
}
