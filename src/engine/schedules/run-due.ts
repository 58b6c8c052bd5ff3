// Schedules that are due become notifications. They are taken, accepted and moved on in one transaction: a crash gives
// them back at once, another process skips them, and a moment has one notification whose id is a function of it.
import { momentId } from "../../base/ids.ts";
import { messageOf } from "../../base/message-of.ts";
import type { ScheduleStatus } from "../../store/schema/schedules.ts";
import { holdDueSchedules, type PassedSchedule, recordMoments, type StoredSchedule } from "../../store/schedules.ts";
import { inTransaction, type Internals, type Work } from "../context.ts";
import { reportAccepted } from "../events.ts";
import { workflowsNow } from "../lacking.ts";
import { accept } from "../notify/accept.ts";
import { refusalText } from "../notify/refusal-text.ts";
import { prepare, type Prepared } from "../notify/prepare.ts";
import type { NotifyCall } from "../notify-call.ts";
import { momentsOf } from "../time/recurrence.ts";
import { type Passed, passedMoments } from "./passed-moments.ts";
import { zoneOfSchedule, zonesFor } from "./zones.ts";

/** Schedules that one pass holds at most. */
const SCHEDULES_PER_PASS = 500;

/** Notifications that one pass makes at most, but for one schedule more. */
const MOMENTS_PER_PASS = 1_000;

/** Moments of one schedule that one pass makes up for. */
const MOMENTS_PER_SCHEDULE = 100;

/** Characters of a reason that a schedule keeps. */
const LONGEST_PROBLEM = 1_000;

/** What one schedule has to do in a pass. */
interface Turn extends Passed {
  schedule: StoredSchedule;
  /** Why its next moment cannot be told. */
  problem: string | null;
}

/** The call that a schedule makes at each of its moments: for an object alone, not for its subscribers. */
export const callOf = ({ workflow, recipientId, lists, actorId, tenantId, data }: CallParts): NotifyCall => ({
  workflow,
  recipients: recipientId === null ? [] : [recipientId],
  subscribers: false,
  lists,
  actor: actorId,
  tenant: tenantId,
  data,
});

type CallParts = Pick<StoredSchedule, "workflow" | "recipientId" | "lists" | "actorId" | "tenantId" | "data">;

function turnOf(schedule: StoredSchedule, zone: string, now: Date): Turn {
  try {
    const { onMissed } = schedule;
    const moments = momentsOf(schedule, zone);
    const due = { moments, dueAt: schedule.nextAt!, now, onMissed, most: MOMENTS_PER_SCHEDULE };
    return { schedule, ...passedMoments(due), problem: null };
  } catch (error) {
    // A recurrence that an earlier release took: it must not keep all others from being looked at.
    return { schedule, passed: [], next: null, problem: `The next moment cannot be told: ${messageOf(error)}` };
  }
}

async function turnsOf({ timezone }: Internals, { tx }: Work, due: readonly StoredSchedule[], now: Date) {
  const known = await zonesFor(tx, due);
  const turns: Turn[] = [];
  let made = 0;
  for (const schedule of due) {
    // What is left stays due, for the next pass.
    if (made >= MOMENTS_PER_PASS) break;
    const turn = turnOf(schedule, zoneOfSchedule(schedule, known, timezone), now);
    turns.push(turn);
    made += turn.passed.length;
  }
  return turns;
}

/** The call of a moment, or why there is none. */
async function preparedFor(internals: Internals, schedule: StoredSchedule, moment: Date): Promise<Prepared | string> {
  const id = momentId(moment, schedule.id);
  const source = { kind: "schedule" as const, id: schedule.id, via: [] };
  try {
    const prepared = await prepare(callOf(schedule), internals, { id, source });
    return prepared.ok ? prepared : refusalText(prepared.error);
  } catch (error) {
    // The schema's own code threw.
    return messageOf(error);
  }
}

/** What became of each moment of each turn: `null` for a notification, else why there is none. */
async function runTurns(internals: Internals, work: Work, turns: readonly Turn[]): Promise<(string | null)[][]> {
  const asked = await Promise.all(
    turns.map(({ schedule, passed }) => Promise.all(passed.map((moment) => preparedFor(internals, schedule, moment)))),
  );
  const calls = asked.flat().filter((call) => typeof call !== "string");
  const outcomes = calls.length > 0 ? await accept(internals, work, calls) : [];
  reportAccepted(internals, work, outcomes);
  const errors = new Map(calls.map((call, index) => [call, outcomes[index]!]));
  return asked.map((moments) =>
    moments.map((call) => {
      if (typeof call === "string") return call;
      const outcome = errors.get(call)!;
      return outcome.ok ? null : outcome.error.message;
    }),
  );
}

function afterTurn({ schedule, passed, next, problem }: Turn, problems: readonly (string | null)[]): PassedSchedule {
  const status: ScheduleStatus = problem ? "paused" : next ? "active" : "ended";
  return {
    id: schedule.id,
    status,
    nextAt: next,
    lastAt: passed.at(-1) ?? schedule.lastAt,
    made: problems.filter((each) => each === null).length,
    problem: (problem ?? (passed.length > 0 ? problems.at(-1)! : schedule.problem))?.slice(0, LONGEST_PROBLEM) ?? null,
  };
}

/** Schedules that are due. Those of workflows that only other processes have are left to them. */
async function heldFor(internals: Internals, { tx }: Work, now: Date): Promise<StoredSchedule[]> {
  const known = [...internals.standing.left];
  const due = await holdDueSchedules(tx, now, { limit: SCHEDULES_PER_PASS, left: known });
  const registry = internals.registry();
  if (due.every(({ workflow }) => registry.has(workflow))) return due;
  const { left } = await workflowsNow(internals, tx);
  return due.filter(({ workflow }) => !left.has(workflow));
}

/**
 * Makes the notifications of schedules that are due, those of one pass, and moves the schedules on. A moment whose call
 * is refused leaves its reason at the schedule, which goes on. Answers how many schedules there were.
 */
export function runDueSchedules(internals: Internals): Promise<number> {
  return inTransaction(internals, async (work) => {
    const now = internals.clock.now();
    const due = await heldFor(internals, work, now);
    if (due.length === 0) return 0;
    const turns = await turnsOf(internals, work, due, now);
    const problems = await runTurns(internals, work, turns);
    await recordMoments(
      work.tx,
      turns.map((turn, index) => afterTurn(turn, problems[index]!)),
    );
    return turns.length;
  });
}
