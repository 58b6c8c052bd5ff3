// How somebody was reached, or why not. Pure.
import { objectOf } from "../../base/object-id.ts";
import type { Coverage } from "../../store/reads/explain.ts";
import type { NotificationRead } from "../../store/reads/notifications.ts";
import type { RunRead } from "../../store/reads/runs.ts";
import type { ExplainedMembership, ExplainedReach, ReachCode } from "./explanation.ts";
import { listWords, recipientsWords, timeWords, whoWords } from "./words.ts";

/** What is known of somebody and a notification. */
export interface Reaching {
  userId: string;
  notification: NotificationRead;
  /** The call names the person. */
  named: boolean;
  run: RunRead | null;
  memberships: ExplainedMembership[];
  /** `null` when there is a run. */
  coverage: Coverage | null;
}

type Why = { code: ReachCode; reason: string };

const isThen = (at: Date, { joinedAt, leftAt }: ExplainedMembership) =>
  joinedAt <= at && (leftAt === null || leftAt > at);

/** What was asked for, in words: `the call names 2 people and the list "team"`. */
function callWords({ recipients, lists }: NotificationRead): string {
  const named = lists.filter((name) => objectOf(name) === null);
  return `the call names ${[...recipientsWords(recipients), ...(named.length > 0 ? [listWords(named)] : [])].join(" and ")}`;
}

/** Why somebody who was in a list of the call at its time has no run. */
function missed({ userId, notification, named, memberships, coverage }: Reaching): Why {
  const { createdAt, actorId, plannedAt, cancelledAt } = notification;
  const then = memberships.filter((each) => each.asked && isThen(createdAt, each));
  const [first] = then;
  if (first && !named && actorId === userId)
    return {
      code: "ACTOR",
      reason: `they are the actor, who is left out of lists, although they were in ${listWords([first.list])}`,
    };
  if (cancelledAt !== null)
    return {
      code: "CANCELLED",
      reason: `the notification was cancelled at ${timeWords(cancelledAt)}, before their run began`,
    };
  const pending = coverage!.open || (plannedAt === null && !coverage!.done);
  if (pending) return { code: "NOT_YET", reason: "the recipients are still being taken: their run is to begin" };
  const left = then.find(({ leftAt }) => leftAt !== null);
  if (left && then.every(({ leftAt }) => leftAt !== null))
    return {
      code: "LEFT_MEANWHILE",
      reason: `they left ${listWords([left.list])} at ${timeWords(left.leftAt!)}, before its members were taken`,
    };
  // Of the same millisecond: who had been a member before would have a run.
  if (first && !named && then.every(({ joinedAt }) => joinedAt.getTime() === createdAt.getTime()))
    return {
      code: "JOINED_LATER",
      reason: `they joined ${listWords([first.list])} at the very moment of the call, too late`,
    };
  return { code: "RUN_GONE", reason: "the run that they had is no longer kept" };
}

/** Why somebody who was in none of the call's lists at its time has no run. */
function outside({ notification, memberships }: Reaching): Why {
  const { createdAt } = notification;
  const asked = memberships.filter(({ asked: wanted }) => wanted);
  const later = asked.filter(({ joinedAt }) => joinedAt > createdAt);
  const before = asked.filter(({ leftAt }) => leftAt !== null && leftAt <= createdAt);
  const [joined] = later.toSorted((one, other) => one.joinedAt.getTime() - other.joinedAt.getTime());
  const [left] = before.toSorted((one, other) => other.leftAt!.getTime() - one.leftAt!.getTime());
  const leaving = left && `they left ${listWords([left.list])} at ${timeWords(left.leftAt!)}, before the call`;
  const joining = joined && `they joined ${listWords([joined.list])} at ${timeWords(joined.joinedAt)}, after the call`;
  if (joining) return { code: "JOINED_LATER", reason: [leaving, joining].filter(Boolean).join(", and ") };
  if (leaving) return { code: "LEFT_BEFORE", reason: leaving };
  const { recipients, lists } = notification;
  const named = lists.filter((name) => objectOf(name) === null).length;
  const inLists = named === 1 ? "they were not in it" : "they were in none of these";
  const why = [
    recipients.length > 0 && "they are not named",
    named > 0 && inLists,
    lists.length > named && "they were not subscribed",
  ];
  return { code: "NOT_ADDRESSED", reason: `${callWords(notification)}, and ${why.filter(Boolean).join(" and ")}` };
}

function unreached(reaching: Reaching): Why {
  const { userId, notification, memberships, named, coverage } = reaching;
  const addressed = named || memberships.some((each) => each.asked && isThen(notification.createdAt, each));
  // Members are taken a little after the call: who joined in between may still be.
  const joining = coverage!.open && memberships.some(({ asked, leftAt }) => asked && leftAt === null);
  const why = addressed || joining ? missed(reaching) : outside(reaching);
  const isActor = why.code === "NOT_ADDRESSED" && notification.actorId === userId;
  const facts = [
    why.reason,
    isActor && "they did what it is about, which alone makes nobody a recipient",
    !coverage!.known && `no ${whoWords(userId)} is known`,
  ];
  return { code: why.code, reason: facts.filter(Boolean).join("; ") };
}

/** How somebody was reached, or why not. */
export function reachOf(reaching: Reaching): ExplainedReach {
  const { run, memberships, notification } = reaching;
  if (!run) return { recipient: false, ...unreached(reaching), list: null, membership: null, memberships };
  const { list = null, membership = null } = run.state;
  const then = memberships.filter((each) => each.asked && isThen(notification.createdAt, each));
  const since = then.find((each) => each.list === list);
  const others = then.filter((each) => each.list !== list);
  const reason = [
    list === null
      ? "the call names them"
      : `they were in ${listWords([list])}${since ? ` since ${timeWords(since.joinedAt)}` : ""}`,
    others.length > 0 &&
      `${list === null ? "they were " : ""}also in ${listWords(others.map((each) => each.list))}, which counts once`,
  ];
  const code = list === null ? "NAMED" : "LIST";
  return { recipient: true, code, reason: reason.filter(Boolean).join("; "), list, membership, memberships };
}
