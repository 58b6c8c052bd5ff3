// An explanation as people read it: a paragraph for each thing that there is to know.
import type { JsonObject } from "../../base/canonical-json.ts";
import { preview } from "../../definition/preview.ts";
import { isChannel } from "../run-scope.ts";
import type { ExplainedBatch, ExplainedMessage, ExplainedStep, Explanation } from "./explanation.ts";
import { namesWords, preferenceWords, timeWords } from "./words.ts";

const joined = (parts: readonly (string | false | null | undefined)[], between = " "): string =>
  parts.filter(Boolean).join(between);

const ended = (sentence: string) => (/[.!?…]$/.test(sentence) ? sentence : `${sentence}.`);

function sourceWords({ notification: { source, actorId, tenantId } }: Explanation): string {
  const made = { step: "by a step of run", schedule: "by schedule" };
  const by = source ? `made ${made[source.kind]} ${source.id}` : "made by a call";
  const about = [actorId !== null && `actor ${actorId}`, tenantId !== null && `tenant ${tenantId}`];
  return joined([by, ...about], ", ");
}

function notificationText(explanation: Explanation): string {
  const { id, workflow, version, createdAt, cancelledAt, warnings } = explanation.notification;
  const numbered = version === null ? "" : ` (version ${version})`;
  const first = `Notification ${id} of "${workflow}"${numbered}, ${sourceWords(explanation)}, at ${timeWords(createdAt)}.`;
  const cancelled = cancelledAt && `Cancelled for everybody at ${timeWords(cancelledAt)}.`;
  return joined([first, cancelled, warnings.length > 0 && `The caller was told: ${warnings.map(ended).join(" ")}`]);
}

const propertiesText = (membership: JsonObject | null) =>
  membership && Object.keys(membership).length > 0 && `Properties of the membership: ${preview(membership, 200)}.`;

function reachText({ userId, reach }: Explanation): string {
  const { recipient, reason, membership } = reach;
  return joined([
    recipient ? `${userId} is a recipient: ${ended(reason)}` : `${userId} is not a recipient: ${ended(reason)}`,
    propertiesText(membership),
  ]);
}

/** Memberships that a paragraph lists. */
const LISTED = 20;

function listsText({ userId, reach: { memberships } }: Explanation): string {
  if (memberships.length === 0) return `${userId} is in no list, and no list is known that ${userId} was in.`;
  const words = memberships.slice(0, LISTED).map(({ list, joinedAt, leftAt, asked }) => {
    const time = leftAt ? `from ${timeWords(joinedAt)} to ${timeWords(leftAt)}` : `since ${timeWords(joinedAt)}`;
    return `${leftAt ? "was" : "is"} in ${namesWords([list])} ${time}${asked ? ", which the call names" : ""}`;
  });
  const more = memberships.length > LISTED ? `; and ${memberships.length - LISTED} more` : "";
  return `Lists: ${userId} ${words.join("; ")}${more}.`;
}

function runText({ run }: Explanation): string {
  if (!run) return "So there is no run for this person.";
  const { id, status, createdAt, finishedAt, wakeAt } = run;
  const end = finishedAt ? `, ${status} at ${timeWords(finishedAt)}` : ", not finished";
  const goesOn = wakeAt ? `, goes on at ${timeWords(wakeAt)}` : "";
  return `Run ${id}: begun at ${timeWords(createdAt)}${end}${goesOn}.`;
}

const attemptText = ({
  number,
  provider,
  outcome,
  statusCode,
  reason,
  startedAt,
}: ExplainedMessage["attempts"][number]): string =>
  `Attempt ${number} at ${timeWords(startedAt)} through ${provider}: ${joined([outcome, statusCode !== null && `(${statusCode})`, reason])}.`;

const statuses: Record<ExplainedMessage["status"], (message: ExplainedMessage) => string> = {
  queued: ({ scheduledAt, sentAt }) =>
    scheduledAt && !sentAt
      ? `It waits for its send window, at ${timeWords(scheduledAt)}`
      : "It is not yet with a provider",
  sent: ({ sentAt }) => `A provider accepted it${sentAt ? ` at ${timeWords(sentAt)}` : ""}`,
  delivered: ({ channelType, deliveredAt }) =>
    `${channelType === "inApp" ? "It is in the feed" : "It was delivered"}${deliveredAt ? `, at ${timeWords(deliveredAt)}` : ""}`,
  bounced: () => "It came back",
  undelivered: () => "No provider accepted it",
  not_sent: () => "Nothing is sent here: the channel is a sandbox",
};

const engagements = [
  ["seenAt", "seen"],
  ["readAt", "read"],
  ["interactedAt", "acted on"],
  ["clickedAt", "clicked"],
  ["archivedAt", "archived"],
] as const;

function messageText(message: ExplainedMessage): string {
  const { id, channel, address, status, reason, nextAttemptAt, attempts } = message;
  const marks = engagements.flatMap(([time, word]) => (message[time] ? `${word} at ${timeWords(message[time])}` : []));
  const state = statuses[status](message);
  return joined([
    `Message ${id} through "${channel}"${address ? ` to ${address}` : ""}.`,
    ended(reason ? `${state}: ${reason}` : state),
    ...attempts.map(attemptText),
    nextAttemptAt && attempts.length > 0 && `It is tried again at ${timeWords(nextAttemptAt)}.`,
    marks.length > 0 && ended(`It was ${marks.join(", ")}`),
  ]);
}

function batchText({ id, count, openedAt, closesAt, closedAt, left, carrier }: ExplainedBatch): string {
  const window = closedAt ? `closed at ${timeWords(closedAt)}` : `closes at ${timeWords(closesAt)}`;
  const size = `${count} ${count === 1 ? "activity" : "activities"}`;
  const without = left ? " This run was cancelled, so its activity is not in it any more." : "";
  const first = `Batch ${id}: ${size}, opened at ${timeWords(openedAt)}, ${window}.${without}`;
  if (!carrier) return `${first} No run goes on with it: those in it were cancelled.`;
  if (carrier.own) return `${first} This run goes on with it.`;
  const { runId, notificationId, status, messages } = carrier;
  if (notificationId === null) return `${first} Run ${runId} went on with it, and is no longer kept.`;
  const made = messages.map(({ step, ...message }) => `Its "${step}": ${messageText({ step, ...message })}`);
  return joined([
    `${first} Run ${runId} of notification ${notificationId} goes on with it, and is ${status}.`,
    ...made,
  ]);
}

const headlines: Record<ExplainedStep["outcome"], (step: ExplainedStep) => string> = {
  done: ({ kind, reason }) => (isChannel(kind) ? `message made; ${reason}` : reason),
  skipped: ({ kind, reason }) => `${isChannel(kind) ? "not sent" : "left out"}, because ${reason}`,
  waiting: ({ reason, until }) => (until ? `waits until ${timeWords(until)}: ${reason}` : `waited: ${reason}`),
  joined: ({ reason }) => `ended this run in a batch: ${reason}`,
  halted: ({ reason }) => `ended the run, because ${reason}`,
  failed: ({ reason, until }) =>
    `failed: ${joined([reason, until && `it is tried again at ${timeWords(until)}`], "; ")}`,
  cancelled: ({ reason }) => `the run was ${reason}`,
  unreached: ({ reason }) => `not reached, because ${reason}`,
};

function stepText(step: ExplainedStep): string {
  const { ref, kind, outcome, at, preferences, batch, message } = step;
  const time = at ? ` (${timeWords(at)})` : "";
  const others = preferences.length > 1 ? preferences.map(preferenceWords).join("; ") : "";
  return joined([
    ended(`${ref} (${kind}): ${headlines[outcome](step)}${time}`),
    others !== "" && `Preferences, the one that decided first: ${others}.`,
    batch && batchText(batch),
    message && messageText(message),
  ]);
}

/**
 * An explanation in plain words, one paragraph for each thing to know. Control characters of what came from outside are
 * left out.
 *
 * @example explanationText(explanation).at(-1) // 'mail (email): not sent, because category "comments" is off for email in the recipient's set (…).'
 */
export function explanationText(explanation: Explanation): string[] {
  const { reach, steps } = explanation;
  const paragraphs = [
    notificationText(explanation),
    reachText(explanation),
    ...(reach.recipient ? [] : [listsText(explanation)]),
    runText(explanation),
    ...steps.map(stepText),
  ];
  return paragraphs.map((text) => text.replaceAll(/\p{Cc}+/gu, " "));
}
