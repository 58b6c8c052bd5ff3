import { durationMs } from "../../base/duration.ts";
import type { FetchStep } from "../../registry/structure.ts";
import { FinalFailure, type StepResult } from "../run.ts";
import { sourcesFor } from "./slots.ts";
import { refusedBy, skipped, type StepContext } from "./step-context.ts";

/**
 * How long a run waits for its answer before it asks again, as the job was lost or came too late. No call is begun
 * that could end after that, so none is made twice.
 */
const LOST_AFTER = durationMs("10m");

/** Asks for an HTTP call outside the transaction, then reads its answer. */
export function fetchStep(step: FetchStep, context: StepContext): StepResult {
  const { state } = context.run;
  if (state.reply) {
    const { reply } = state;
    if (reply.ok) return { outcome: "done", left: reply.value, reason: `answered ${reply.value.status as number}` };
    throw reply.final ? new FinalFailure(reply.problem) : new Error(reply.problem);
  }
  const refused = state.waited ? null : refusedBy(step.when, context);
  if (refused) return refused;
  if (!sourcesFor(step, context)) return skipped("RETIRED", "the deployed workflow no longer has this step");
  const until = new Date(context.world.now.getTime() + LOST_AFTER);
  return { outcome: "waiting", until, reason: "for the answer", effects: [{ kind: "fetch" }] };
}
