// What happened to a message, told from the times and tries that are kept.
import type { z } from "zod";
import { derivedId } from "../../../base/ids.ts";
import type { AttemptRead, MessageRead } from "../../../store/reads/messages.ts";
import type { deliveryLogShape, messageEventShape } from "./message.ts";
import { referenceOf } from "./user.ts";

type Event = z.output<typeof messageEventShape>;

interface Happening {
  type: string;
  at: Date | null;
  data?: Event["data"];
}

const saidOf = ({ provider, outcome, statusCode, reason }: AttemptRead) => ({
  provider,
  outcome,
  status_code: statusCode,
  reason,
});

/** Tries that did not end well; each but the last of an undelivered message was followed by another. */
function triesOf({ status }: MessageRead, attempts: readonly AttemptRead[]): Happening[] {
  return attempts.flatMap((attempt, index): Happening[] => {
    const last = index === attempts.length - 1;
    if (last && status !== "queued") return [];
    return [{ type: "delivery_attempted", at: attempt.finishedAt, data: saidOf(attempt) }];
  });
}

/** How the delivery ended, where it did not end well. */
function failureOf({ status, createdAt, reason }: MessageRead, attempts: readonly AttemptRead[]): Happening[] {
  if (status !== "undelivered" && status !== "bounced" && status !== "not_sent") return [];
  const last = attempts.at(-1);
  return [{ type: status, at: last?.finishedAt ?? createdAt, data: last ? saidOf(last) : { reason } }];
}

/** The events of a message, newest first. */
export function presentEvents(message: MessageRead, attempts: readonly AttemptRead[]): Event[] {
  const happenings: Happening[] = [
    { type: "created", at: message.createdAt },
    { type: "queued", at: message.createdAt },
    ...triesOf(message, attempts),
    { type: "sent", at: message.sentAt },
    { type: "delivered", at: message.deliveredAt },
    ...failureOf(message, attempts),
    { type: "seen", at: message.seenAt },
    { type: "read", at: message.readAt },
    { type: "interacted", at: message.interactedAt },
    { type: "link_clicked", at: message.clickedAt },
    { type: "archived", at: message.archivedAt },
  ];
  return happenings
    .flatMap(({ type, at, data = null }, index): Event[] =>
      at === null
        ? []
        : [
            {
              __typename: "MessageEvent",
              id: derivedId(message.id, `${type} ${index}`),
              type: `message.${type}`,
              recipient: referenceOf(message.recipientId),
              data,
              inserted_at: at.toISOString(),
            },
          ],
    )
    .toSorted((one, other) => (one.inserted_at < other.inserted_at ? -1 : one.inserted_at > other.inserted_at ? 1 : 0))
    .toReversed();
}

/** The tries of a message, newest first. */
export const presentDeliveryLogs = (
  message: MessageRead,
  attempts: readonly AttemptRead[],
): z.output<typeof deliveryLogShape>[] =>
  attempts
    .map(({ number, provider, statusCode, reason, outcome, finishedAt }) => ({
      __typename: "MessageDeliveryLog" as const,
      id: derivedId(message.id, `attempt ${number}`),
      environment_id: "",
      service_name: provider,
      request: {},
      response: { ...(statusCode !== null && { status: statusCode }), body: reason ?? outcome },
      inserted_at: finishedAt.toISOString(),
    }))
    .toReversed();
