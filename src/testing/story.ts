import { instant, type Executor } from "../store/executor.ts";
import { allBatches, allRuns, type BatchStory, type RunStory } from "../store/reads/outbox.ts";

const runLines = ({ workflow, recipientId, status, wakeAt, trace }: RunStory): string[] => [
  `${workflow} → ${recipientId}: ${status}${wakeAt ? ` until ${instant(wakeAt).toISOString()}` : ""}`,
  ...trace.map(({ ref, outcome, code, reason }) => {
    const because = [code, reason].filter((part) => part !== undefined).join(": ");
    return `  ${ref.padEnd(16)} ${outcome}${because ? ` (${because})` : ""}`;
  }),
];

function batchLine({ workflow, step, recipientId, key, count, closesAt, closed }: BatchStory): string {
  const of = key === "" ? "" : ` ${key}`;
  const activities = `${count} ${count === 1 ? "activity" : "activities"}`;
  return `batch ${workflow}.${step} of ${recipientId}${of}: ${activities}, ${closed ? "closed" : `open until ${instant(closesAt).toISOString()}`}`;
}

/** What happened and why, run by run, then batch by batch. */
export async function tellStory(db: Executor): Promise<string> {
  const runs = await allRuns(db);
  if (runs.length === 0) return "No run has begun.";
  return [...runs.flatMap(runLines), ...(await allBatches(db)).map(batchLine)].join("\n");
}
