// What people at a terminal and metrics see of what happens. Costs nothing when nobody looks.
import type { RunStatus, TraceEntry } from "../store/schema/runs.ts";
import type { Internals, Work } from "./context.ts";
import type { NotifyOutcome } from "./notify-call.ts";
import type { Passed } from "./passage.ts";

/** One thing that happened to one run. */
export interface RunEvent {
  at: Date;
  runId: string;
  notificationId: string;
  workflow: string;
  recipientId: string;
  /** The decision: a step's outcome, or the workflow's own condition. */
  entry: TraceEntry;
  /** Key of the channel, when the step made a message. */
  channel: string | null;
}

/** One outcome of handing a message to a provider. */
export interface DeliveryEvent {
  at: Date;
  messageId: string;
  workflow: string;
  recipientId: string;
  channel: string;
  /** Key of the provider. */
  provider: string;
  /** What the message is now, or `retry` and `rateLimited` when it is tried again. */
  outcome: string;
  reason: string | null;
  milliseconds: number;
}

/** Runs of one workflow that ended in the same way in one transaction. */
export interface RunsEndedEvent {
  workflow: string;
  outcome: Exclude<RunStatus, "waiting">;
  runs: number;
}

/** Runs that a cancellation key ended. */
export interface CancelledEvent {
  at: Date;
  key: string;
  runs: number;
  /** How many notifications they belong to. */
  notifications: number;
}

/** Who looks. What throws here ends up in the work itself: listeners must not throw. */
export interface Listeners {
  onRun?: (event: RunEvent) => void;
  onDelivery?: (event: DeliveryEvent) => void;
  /** Calls that were accepted; one in a caller's own transaction may still be rolled back. */
  onAccepted?: (event: { workflow: string }) => void;
  onRunsEnded?: (event: RunsEndedEvent) => void;
  /** Deploys that this process took over while it ran, or refused to. */
  onDeploy?: (event: { outcome: "taken" | "refused" }) => void;
  /** Cancels that ended something. */
  onCancelled?: (event: CancelledEvent) => void;
}

/** Tells of calls that no caller made, once they are stored. */
export function reportAccepted({ listeners }: Internals, work: Work, outcomes: readonly NotifyOutcome[]): void {
  const { onAccepted } = listeners;
  if (!onAccepted) return;
  work.afterCommit(() => {
    for (const outcome of outcomes) if (outcome.ok) onAccepted({ workflow: outcome.notification.workflow });
  });
}

function reportRuns({ listeners, clock }: Internals, passed: readonly Passed[]): void {
  if (!listeners.onRun) return;
  const at = clock.now();
  for (const { input, advanced } of passed) {
    const { id: runId, notification, recipient } = input;
    const shared = {
      at,
      runId,
      notificationId: notification.id,
      workflow: notification.workflow,
      recipientId: recipient.id,
    };
    const settled = input.trace.filter((entry) => advanced.trace.includes(entry)).length;
    for (const entry of advanced.trace.slice(settled)) {
      const channel = advanced.messages.find((message) => message.step === entry.ref)?.channel.key ?? null;
      listeners.onRun({ ...shared, entry, channel });
    }
  }
}

function reportEnds({ listeners }: Internals, passed: readonly Passed[]): void {
  if (!listeners.onRunsEnded) return;
  const ended = new Map<string, RunsEndedEvent>();
  for (const { input, advanced } of passed) {
    const { status: outcome } = advanced;
    if (outcome === "waiting") continue;
    const { workflow } = input.notification;
    const event = ended.get(`${workflow} ${outcome}`);
    if (event) event.runs++;
    else ended.set(`${workflow} ${outcome}`, { workflow, outcome, runs: 1 });
  }
  for (const event of ended.values()) listeners.onRunsEnded(event);
}

/** Tells what passages decided, after their commit. */
export function reportPassages(internals: Internals, passed: readonly Passed[]): void {
  reportRuns(internals, passed);
  reportEnds(internals, passed);
}
