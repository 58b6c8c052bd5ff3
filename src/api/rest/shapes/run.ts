// Runs as clients know them: one workflow execution for one recipient.
import { z } from "zod";
import { derivedId } from "../../../base/ids.ts";
import type { NotificationRead } from "../../../store/reads/notifications.ts";
import type { RunRead } from "../../../store/reads/runs.ts";
import type { TraceEntry } from "../../../store/schema/runs.ts";
import { shape, timestamp } from "./shape.ts";
import { recipientReference, referenceOf } from "./user.ts";

/** Where a run stands. `queued` and `processing` are so short here that nobody sees them. */
export const runStatusNames = ["queued", "processing", "paused", "completed", "cancelled"] as const;

const triggerSource = z.strictObject({
  type: z.enum(["api", "audience", "schedule", "broadcast", "workflow_step", "integration", "rehearsal"]),
  audience_key: z.string().nullable(),
  cancellation_key: z.string().nullable(),
  schedule_id: z.string().nullable(),
});

const members = {
  __typename: z.literal("WorkflowRecipientRun"),
  id: z.uuid(),
  workflow: z.string(),
  workflow_run_id: z.uuid(),
  recipient: recipientReference,
  actor: recipientReference.nullable(),
  tenant: z.string().nullable(),
  status: z.enum(runStatusNames),
  trigger_source: triggerSource,
  error_count: z.int(),
  inserted_at: timestamp,
  updated_at: timestamp,
};

const eventShape = shape(
  "WorkflowRecipientRunEvent",
  z.strictObject({
    __typename: z.literal("WorkflowRecipientRunEvent"),
    id: z.uuid(),
    event: z.string(),
    status: z.enum(["ok", "error"]),
    step_ref: z.string().nullable(),
    step_type: z.string().nullable(),
    attempt: z.int(),
    data: z.record(z.string(), z.unknown()).nullable(),
    inserted_at: timestamp,
  }),
);

/** One workflow execution for one recipient. */
export const runShape = shape("WorkflowRecipientRun", z.strictObject(members));

/** The same, with what was decided in it. */
export const runDetailShape = shape(
  "WorkflowRecipientRunDetail",
  z.strictObject({ ...members, events: z.array(eventShape) }),
);

const statuses: Record<RunRead["status"], (typeof runStatusNames)[number]> = {
  waiting: "paused",
  completed: "completed",
  halted: "completed",
  // What went wrong is said by the number of errors.
  failed: "completed",
  cancelled: "cancelled",
};

function sourceOf({ source, cancellationKey }: Partial<NotificationRead>): z.output<typeof triggerSource> {
  const types = { step: "workflow_step", schedule: "schedule" } as const;
  return {
    type: source ? types[source.kind] : "api",
    audience_key: null,
    cancellation_key: cancellationKey ?? null,
    schedule_id: source?.kind === "schedule" ? source.id : null,
  };
}

const failed = ({ outcome }: TraceEntry): boolean => outcome === "failed";

/** A run as clients know it. The notification may have been deleted; then nobody knows its workflow any more. */
export function presentRun(run: RunRead, notification: NotificationRead | undefined): z.output<typeof runShape> {
  const { id, notificationId, recipientId, status, trace, createdAt, finishedAt } = run;
  const changed = finishedAt?.toISOString() ?? trace.at(-1)?.at ?? createdAt.toISOString();
  return {
    __typename: "WorkflowRecipientRun",
    id,
    workflow: notification?.workflow ?? "",
    workflow_run_id: notificationId,
    recipient: referenceOf(recipientId),
    actor: notification?.actorId ? referenceOf(notification.actorId) : null,
    tenant: notification?.tenantId ?? null,
    status: statuses[status],
    trigger_source: sourceOf(notification ?? {}),
    error_count: Math.max(trace.filter(failed).length, status === "failed" ? 1 : 0),
    inserted_at: createdAt.toISOString(),
    updated_at: changed,
  };
}

/** What was decided in a run, first to last. */
export const presentRunEvents = ({ id, trace }: RunRead): z.output<typeof eventShape>[] =>
  trace.map((entry, index) => {
    const { ref, kind, outcome, code, reason, at } = entry;
    const earlier = trace.slice(0, index).filter((other) => other.ref === ref && failed(other));
    return {
      __typename: "WorkflowRecipientRunEvent",
      id: derivedId(id, `event ${index}`),
      event: `step.${outcome}`,
      status: failed(entry) ? "error" : "ok",
      step_ref: ref,
      step_type: kind,
      attempt: earlier.length + 1,
      data: code || reason ? { ...(code && { code }), ...(reason && { reason }) } : null,
      inserted_at: at,
    };
  });
