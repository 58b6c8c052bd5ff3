import { derivedId } from "../../base/ids.ts";
import { renderSlots } from "../../registry/render-slots.ts";
import type { NotifyStep } from "../../registry/structure.ts";
import type { NotifyCall } from "../notify-call.ts";
import { refusalText } from "../notify/refusal-text.ts";
import { FinalFailure, type Answer, type StepResult } from "../run.ts";
import { sourcesFor } from "./slots.ts";
import { answerTo, refusedBy, skipped, type StepContext } from "./step-context.ts";

/** Workflows that may start each other; beyond, they are taken to do so without end. */
const DEEPEST = 10;

function answered(answer: Extract<Answer, { kind: "notify" }>): StepResult {
  if ("notificationId" in answer) {
    const { notificationId } = answer;
    return { outcome: "done", left: { notification: notificationId }, reason: `made notification ${notificationId}` };
  }
  if ("problem" in answer) throw new Error(answer.problem);
  const { refused } = answer;
  if (refused.code === "WORKFLOW_INACTIVE") return skipped(refused.code, refused.message);
  throw new FinalFailure(refusalText(refused));
}

/** The call. What the step does not say is taken from the notification at hand. */
function callOf(workflow: string, slots: Record<string, unknown>, { run }: StepContext): NotifyCall {
  const { notification, recipient } = run;
  const named = "recipients" in slots || "lists" in slots;
  // Whatever the author's functions gave is checked like any other call.
  return {
    recipients: named ? [] : [recipient.id],
    // Who subscribes to it has a run of the notification at hand, and this step with it.
    ...(named ? {} : { subscribers: false }),
    actor: notification.actor?.id ?? null,
    tenant: notification.tenantId,
    cancellationKey: notification.cancellationKey,
    ...slots,
    workflow,
  };
}

const isEmpty = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

const sizeOf = (value: unknown) => (Array.isArray(value) ? value.length : 0);

/** What is wrong with starting a workflow after those; `null` when nothing is. */
function circle({ workflow, recipients, lists }: NotifyCall, via: readonly string[]): string | null {
  if (via.length > DEEPEST)
    return `workflows started each other ${DEEPEST} times up to here, which looks like a circle without end`;
  // Each time round would reach all of them for each of them.
  if (via.includes(workflow) && (sizeOf(lists) > 0 || sizeOf(recipients) > 1))
    return `it is one of those that led here (${via.join(", ")}), and a circle may notify one recipient only`;
  return null;
}

/** Starts another workflow. */
export function notifyStep(step: NotifyStep, context: StepContext): StepResult {
  const answer = answerTo("notify", context);
  if (answer) return answered(answer);
  const refused = refusedBy(step.when, context);
  if (refused) return refused;
  const { run, scope } = context;
  const sources = sourcesFor(step, context);
  if (!sources) return skipped("RETIRED", "the deployed workflow no longer has this step");
  const call = callOf(step.workflow, renderSlots(sources, scope), context);
  if (isEmpty(call.recipients) && isEmpty(call.lists)) return skipped("NO_RECIPIENTS", "there is nobody to notify");
  const via = [...(run.notification.source?.via ?? []), run.notification.workflow];
  const problem = circle(call, via);
  if (problem) throw new FinalFailure(`"${step.workflow}" is not started: ${problem}`);
  const id = derivedId(run.id, step.ref);
  return { outcome: "asks", request: { kind: "notify", id, call, source: { kind: "step", id: run.id, via } } };
}
