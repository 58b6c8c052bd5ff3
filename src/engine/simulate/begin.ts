// Whom staged notifications reach, and runs that begin.
import { derivedId } from "../../base/ids.ts";
import { countThroughLists, inOrder, membersOf } from "../../store/reads/simulation.ts";
import type { Reached } from "../passage.ts";
import type { Stage, StagedJob, StagedNotification, StagedRun } from "./stage.ts";
import { pass } from "./passage.ts";
import { planFor } from "./stage.ts";

/** Runs of one simulation, those that steps start with them. */
const MOST_RUNS = 10_000;

const NOTHING: StagedRun["earlier"] = { messages: new Map(), batches: new Map() };

/** How many people a notification reaches. */
export const countPeople = async ({ tx }: Pick<Stage, "tx">, notification: StagedNotification): Promise<number> =>
  notification.recipients.length + (notification.lists.length > 0 ? await countThroughLists(tx, notification) : 0);

const peopleOf = ({ runs }: Stage, { id }: StagedNotification): number => {
  let people = 0;
  for (const { notification, existing } of runs.values()) if (notification.id === id && !existing) people += 1;
  return people;
};

/** How many more people of a notification are gone through. */
const roomFor = (stage: Stage, notification: StagedNotification): number =>
  Math.max(0, Math.min(stage.first - peopleOf(stage, notification), MOST_RUNS - stage.runs.size));

function stagedRun(stage: Stage, { notificationId, recipientId, membership, list }: Reached): StagedRun {
  const notification = stage.notifications.get(notificationId)!;
  return {
    id: derivedId(notificationId, recipientId),
    notification,
    plan: planFor(stage, notification.workflow),
    recipientId,
    existing: false,
    status: "waiting",
    step: null,
    state: { ...(membership && { membership }), ...(list !== null && { list }) },
    trace: [],
    wakeAt: null,
    passages: 0,
    wait: null,
    steps: [],
    messages: [],
    earlier: NOTHING,
  };
}

/** Begins the runs of people; one that has begun is left as it is. */
export async function beginRuns(stage: Stage, reached: readonly Reached[]): Promise<void> {
  const begun: StagedRun[] = [];
  for (const person of reached) {
    const run = stagedRun(stage, person);
    if (stage.runs.has(run.id)) continue;
    if (roomFor(stage, run.notification) === 0) {
      stage.omitted.add(`only the first ${stage.first} people of ${run.notification.workflow} were gone through`);
      continue;
    }
    stage.runs.set(run.id, run);
    begun.push(run);
  }
  if (begun.length > 0) await pass(stage, begun);
}

const named = async ({ tx }: Stage, { id, recipients }: StagedNotification): Promise<Reached[]> =>
  (await inOrder(tx, recipients)).map((recipientId) => ({
    notificationId: id,
    recipientId,
    membership: null,
    list: null,
  }));

/** The people of notifications that name a few, by id as in reality: who comes first passes a throttle. */
export async function beginNamed(stage: Stage, ids: readonly string[]): Promise<void> {
  const reached: Reached[] = [];
  for (const id of ids.toSorted()) reached.push(...(await named(stage, stage.notifications.get(id)!)));
  await beginRuns(stage, reached);
}

/** Plans one part of a notification to many: those whom it names, or the members of a list. */
export async function plan(
  stage: Stage,
  { notificationId: id, list }: Extract<StagedJob, { kind: "fanOut" }>,
): Promise<void> {
  const notification = stage.notifications.get(id)!;
  const { lists, recipients } = notification;
  const part = { list: lists[list]!, after: null, limit: roomFor(stage, notification) + 1 };
  const reached =
    list < 0
      ? recipients.length > 0
        ? await named(stage, notification)
        : []
      : (await membersOf(stage.tx, notification, part)).map((person) => ({ ...person, notificationId: id }));
  if (reached.length > 0) stage.jobs.push({ kind: "chunk", reached });
  if (list + 1 < lists.length) stage.jobs.push({ kind: "fanOut", notificationId: id, list: list + 1 });
}
