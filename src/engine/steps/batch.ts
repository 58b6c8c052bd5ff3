import type { BatchStep } from "../../registry/structure.ts";
import { leftAlone } from "../batches/alone.ts";
import type { Answer, StepResult } from "../run.ts";
import { answerTo, keyText, refusedBy, sharedBy, windowEnd, type StepContext } from "./step-context.ts";

/** Asks for a place in the batch. Without a window that ends there is none: the run goes on alone. */
function asking(step: BatchStep, context: StepContext): StepResult {
  const { run, world } = context;
  const left = leftAlone(world.now, false);
  const refused = refusedBy(step.when, context);
  if (refused) return { ...refused, left };
  const end = windowEnd(step.window, context);
  if ("outcome" in end) return { ...end, left };
  const now = world.now.getTime();
  const window = end.at.getTime() - now;
  return {
    outcome: "asks",
    request: {
      kind: "joinBatch",
      shared: sharedBy(step.ref, keyText(step.key, context), context),
      runId: run.id,
      notificationId: run.notification.id,
      closesAt: end.at,
      sliding: step.sliding && { window, limitAt: new Date(now + step.sliding.limit) },
      maxItems: step.maxItems,
      flushLeading: step.flushLeading,
    },
  };
}

function placed(
  { role, batchId, closesAt, wake }: Extract<Answer, { kind: "joinBatch" }>,
  { world }: StepContext,
): StepResult {
  const until = closesAt.toISOString();
  switch (role) {
    case "flushed":
      return {
        outcome: "done",
        left: leftAlone(world.now, true),
        reason: `goes on at once, as no window was open; what follows is collected until ${until}`,
      };
    case "opened":
      return { outcome: "waiting", until: closesAt, left: { batch: batchId }, reason: `collects until ${until}` };
    case "joined":
      return {
        outcome: "joined",
        left: { batch: batchId },
        reason: "another run goes on with this activity",
        values: { batch: batchId },
        ...(wake && { effects: [{ kind: "wake", ...wake }] }),
      };
  }
}

const counted = (count: number, what: string) => `${count} ${count === 1 ? what : what.replace(/y$/, "ies")}`;

/** The window is over, as far as the run knows. */
function waited(step: BatchStep, context: StepContext): StepResult {
  const { run } = context;
  const batchId = String(run.state.results?.[step.ref]?.batch);
  const answer = answerTo("closeBatch", context);
  if (!answer) {
    const { order, take } = step;
    return { outcome: "asks", request: { kind: "closeBatch", batchId, runId: run.id, order, take } };
  }
  if ("openUntil" in answer) {
    const { openUntil: until } = answer;
    return { outcome: "waiting", until, reason: `the window slid; collects until ${until.toISOString()}` };
  }
  return { outcome: "done", batch: answer.batch, reason: counted(answer.batch.count, "activity") };
}

/** Collects the runs of one recipient and key: the first of them waits for the others and goes on with all. */
export function batch(step: BatchStep, context: StepContext): StepResult {
  if (context.run.state.waited) return waited(step, context);
  const answer = answerTo("joinBatch", context);
  return answer ? placed(answer, context) : asking(step, context);
}
