// What becomes of messages, as runs can wait for it.
import { MESSAGE_EVENTS, type MessageMoment } from "../registry/structure.ts";
import type { MessageStatus } from "../store/schema/messages.ts";
import type { MessageSnapshot } from "./run.ts";

export { MESSAGE_EVENTS };

/** The event of a moment. */
export const eventOf = (moment: MessageMoment): string => `${MESSAGE_EVENTS}${moment}`;

const ofStatus: Record<MessageStatus, readonly MessageMoment[]> = {
  queued: [],
  not_sent: [],
  sent: ["sent"],
  delivered: ["sent", "delivered"],
  bounced: ["bounced"],
  undelivered: ["undelivered"],
};

/** The moments that a message has come to with a status: what was delivered has been sent. */
export const momentsOfStatus = (status: MessageStatus): readonly MessageMoment[] => ofStatus[status];

/** Whether a message has come to a moment and has not left it: what is marked as unread again is not read. */
export function hasReached(message: MessageSnapshot, moment: MessageMoment): boolean {
  switch (moment) {
    case "sent":
    case "delivered":
    case "bounced":
    case "undelivered":
      return ofStatus[message.status].includes(moment);
    default:
      return message[moment];
  }
}
