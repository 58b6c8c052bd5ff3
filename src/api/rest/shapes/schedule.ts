import { z } from "zod";
import { distinct } from "../../../base/arrays.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { StoredSchedule } from "../../../store/schedules.ts";
import { findUsers } from "../../../store/users.ts";
import { repeatShape, repeatsOf } from "../repeats.ts";
import { shape, timestamp } from "./shape.ts";
import { presentKnown, recipientReference, recipientShape } from "./user.ts";

/** A workflow that runs for one recipient at one moment, or again and again. */
export const scheduleShape = shape(
  "Schedule",
  z.strictObject({
    __typename: z.literal("Schedule"),
    id: z.uuid(),
    workflow: z.string(),
    recipient: z.union([recipientShape, recipientReference]),
    actor: z.union([recipientShape, recipientReference]).nullable(),
    tenant: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
    /** Empty for one moment, and for recurrences that these words cannot say. */
    repeats: z.array(repeatShape),
    scheduled_at: timestamp,
    ending_at: timestamp.nullable(),
    next_occurrence_at: timestamp.nullable(),
    last_occurrence_at: timestamp.nullable(),
    inserted_at: timestamp,
    updated_at: timestamp,
  }),
);

/** Schedules of recipients as clients know them. */
export async function presentSchedules(
  { context }: Pick<Engine, "context">,
  schedules: readonly StoredSchedule[],
): Promise<z.output<typeof scheduleShape>[]> {
  const known = await findUsers(
    context.database.db,
    distinct(schedules.flatMap(({ recipientId, actorId }) => [recipientId, actorId])),
  );
  const present = (id: string) => presentKnown(id, known.get(id));
  return schedules.map((schedule) => ({
    __typename: "Schedule",
    id: schedule.id,
    workflow: schedule.workflow,
    recipient: present(schedule.recipientId ?? ""),
    actor: schedule.actorId === null ? null : present(schedule.actorId),
    tenant: schedule.tenantId,
    data: schedule.data,
    repeats: repeatsOf(schedule.recurrence),
    scheduled_at: schedule.startsAt.toISOString(),
    ending_at: schedule.endsAt?.toISOString() ?? null,
    next_occurrence_at: schedule.nextAt?.toISOString() ?? null,
    last_occurrence_at: schedule.lastAt?.toISOString() ?? null,
    inserted_at: schedule.createdAt.toISOString(),
    updated_at: schedule.updatedAt.toISOString(),
  }));
}
