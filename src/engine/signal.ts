// Events from outside, for the runs that wait for them.
import type { JsonObject } from "../base/canonical-json.ts";
import type { Issue } from "../base/errors.ts";
import { jsonProblem } from "../base/stored-json.ts";
import { isStorable } from "../base/text.ts";
import { untilAlone } from "../store/conflict.ts";
import { lastWaiting, wakeSlice, type Signal, type WaitSlice, type Woken } from "../store/waits.ts";
import { invalid, type Directory, type Outcome } from "./directory/directory.ts";
import { matchText } from "./match-text.ts";
import { MESSAGE_EVENTS } from "./moments.ts";

const LONGEST_NAME = 255;

/** Each run keeps a copy of the data. */
const LONGEST_DATA = 256 * 1024;

/** Runs that one statement wakes. */
const SLICE = 1_000;

/** Something that happened outside. */
export interface SignalledEvent {
  /** 1 to 255 characters, as the waiting steps name it. */
  name: string;
  /** What the waiting steps' match must be equal to, member by member. Default: `{}`. */
  match?: JsonObject;
  /** What later steps read as `steps.<ref>.event`, at most 256 kB. Default: `{}`. */
  data?: JsonObject;
}

function nameProblem(name: unknown): string | null {
  if (typeof name !== "string") return "must be text";
  if (name.length === 0 || name.length > LONGEST_NAME) return `must have 1 to ${LONGEST_NAME} characters`;
  if (!isStorable(name)) return "holds a character that cannot be stored";
  return name.startsWith(MESSAGE_EVENTS) ? `must not begin with "${MESSAGE_EVENTS}", which is taken` : null;
}

function objectIssues(member: "match" | "data", value: unknown): Issue[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [{ path: [member], message: "must be a JSON object", code: "invalid_type" }];
  const problem = jsonProblem(value);
  if (problem) return [{ ...problem, path: [member, ...problem.path] }];
  return JSON.stringify(value).length > LONGEST_DATA
    ? [{ path: [member], message: "must be at most 256 kB", code: "too_big" }]
    : [];
}

function issuesOf(name: unknown, match: unknown, data: unknown): Issue[] {
  const problem = nameProblem(name);
  const issues: Issue[] = problem ? [{ path: ["name"], message: problem, code: "invalid_value" }] : [];
  return [...issues, ...objectIssues("match", match), ...objectIssues("data", data)];
}

/**
 * Lets the runs go on that wait for exactly this event; `runs` says how many. Only waits that had begun count:
 * an event is not kept for later ones. Errors: `INVALID_INPUT`.
 *
 * @example await signalEvent(directory, { name: "order.paid", match: { order: "A-7" }, data: { amount: 20 } })
 */
export async function signalEvent(
  { database, clock }: Directory,
  { name, match = {}, data = {} }: SignalledEvent,
): Promise<Outcome<{ runs: number }>> {
  const issues = issuesOf(name, match, data);
  if (issues.length > 0) return invalid("The event", issues);
  const signal: Signal = { event: name, match: matchText(match), data };
  // Runs that begin to wait meanwhile, for it or again, are not its concern, and could keep it busy without end.
  const upTo = await lastWaiting(database.db, signal);
  if (upTo === null) return { ok: true, runs: 0 };
  let runs = 0;
  let after: string | null = null;
  for (;;) {
    const slice: WaitSlice = { after, upTo, limit: SLICE };
    const now = clock.now();
    const { woken, seen, last }: Woken = await untilAlone(() => wakeSlice(database.db, signal, { slice, now }));
    runs += woken;
    if (seen < SLICE) return { ok: true, runs };
    after = last;
  }
}
