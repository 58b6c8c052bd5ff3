// What people at a terminal see of runs. Costs nothing when nobody looks.
import type { TraceEntry } from "../store/schema/runs.ts";
import type { Internals } from "./context.ts";
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
  outcome: string;
  reason: string | null;
  milliseconds: number;
}

/** Who looks. */
export interface Listeners {
  onRun?: (event: RunEvent) => void;
  onDelivery?: (event: DeliveryEvent) => void;
}

/** Tells what passages decided, after their commit. */
export function reportPassages({ listeners, clock }: Internals, passed: readonly Passed[]): void {
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
