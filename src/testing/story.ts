import type { Executor } from "../store/executor.ts";
import { allRuns } from "../store/reads/outbox.ts";

/** What happened and why, run by run. */
export async function tellStory(db: Executor): Promise<string> {
  const runs = await allRuns(db);
  if (runs.length === 0) return "No run has begun.";
  const lines = runs.flatMap(({ workflow, recipientId, status, wakeAt, trace }) => [
    `${workflow} → ${recipientId}: ${status}${wakeAt ? ` until ${wakeAt}` : ""}`,
    ...trace.map(({ ref, outcome, code, reason }) => {
      const because = [code, reason].filter((part) => part !== undefined).join(": ");
      return `  ${ref.padEnd(16)} ${outcome}${because ? ` (${because})` : ""}`;
    }),
  ]);
  return lines.join("\n");
}
