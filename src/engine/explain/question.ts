// What can be asked, and what is wrong with a question.
import type { Issue } from "../../base/errors.ts";
import { isId } from "../../base/ids.ts";
import { isStorable, userIdProblem } from "../../base/text.ts";

/**
 * Whom and what to explain: one notification, or those of a workflow in a time. Default of `from` is the beginning, of
 * `until` now; both belong to the time.
 */
export interface ExplainQuestion {
  userId: string;
  notificationId?: string | null | undefined;
  workflow?: string | null | undefined;
  from?: Date | null | undefined;
  until?: Date | null | undefined;
}

/** The last instant that an id can have. */
const LAST = new Date(2 ** 48 - 2);
const FIRST = new Date(0);

/** Characters of the key of a workflow. */
const LONGEST_KEY = 255;

const issue = (name: string, message: string, code: string): Issue => ({ path: [name], message, code });

const given = <Value>(value: Value | null | undefined): value is Value => value !== null && value !== undefined;

const timeIssues = (name: "from" | "until", at: unknown): Issue[] =>
  !given(at) || (at instanceof Date && !Number.isNaN(at.getTime()))
    ? []
    : [issue(name, "must be a time.", "invalid_type")];

function whatIssues({ notificationId, workflow, from, until }: ExplainQuestion): Issue[] {
  if (given(notificationId) && given(workflow))
    return [issue("workflow", "Name either a notification or a workflow.", "conflict")];
  if (given(notificationId) && (given(from) || given(until)))
    return [issue(given(from) ? "from" : "until", "A time goes with a workflow, not with a notification.", "conflict")];
  if (given(notificationId))
    return typeof notificationId === "string" && isId(notificationId)
      ? []
      : [issue("notificationId", "must be the id of a notification, as notify answers it.", "invalid_id")];
  if (!given(workflow)) return [issue("notificationId", "Name a notification, or a workflow.", "required")];
  const fits =
    typeof workflow === "string" && workflow !== "" && workflow.length <= LONGEST_KEY && isStorable(workflow);
  return fits
    ? []
    : [issue("workflow", `must be the key of a workflow, at most ${LONGEST_KEY} characters.`, "invalid_key")];
}

function orderIssues({ from, until }: ExplainQuestion): Issue[] {
  if (!given(from) || !given(until) || from <= until) return [];
  return [issue("until", "must not be before `from`.", "out_of_range")];
}

/** Everything wrong with a question. */
export function questionIssues(question: ExplainQuestion): Issue[] {
  const { userId, from, until } = question;
  const problem = typeof userId === "string" ? userIdProblem(userId) : "must be a text";
  const times = [...timeIssues("from", from), ...timeIssues("until", until)];
  return [
    ...(problem === null ? [] : [issue("userId", `A user id ${problem}.`, "invalid_id")]),
    ...whatIssues(question),
    ...(times.length > 0 ? times : orderIssues(question)),
  ];
}

const within = (at: Date): Date => (at < FIRST ? FIRST : at > LAST ? LAST : at);

/** The time that a question means, as far as ids can tell it. */
export const timeOf = ({ from, until }: ExplainQuestion, now: Date): { from: Date; until: Date } => ({
  from: within(from ?? FIRST),
  until: within(until ?? now),
});
