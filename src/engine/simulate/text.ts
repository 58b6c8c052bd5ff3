// A simulation for people to read: one line for each thing that would happen, in the order of time.
import { formatDuration } from "../../base/duration.ts";
import { wallTime } from "../../base/zone.ts";
import { preview } from "../../definition/preview.ts";
import type { EngineContext } from "../engine.ts";
import type { Course, CourseMessage, CourseStep, Simulation } from "./contract.ts";

/** Courses that are told; a program reads them all. */
const MOST_TOLD = 50;

const LONGEST_TITLE = 60;
const TIME_WIDTH = 9;
const STEP_WIDTH = 14;

const WORDS: Record<CourseStep["outcome"], string> = {
  done: "done",
  skipped: "skipped",
  waiting: "waits",
  joined: "joins",
  halted: "ends the run",
  failed: "failed",
  cancelled: "cancelled",
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `+1d 2h`: days and hours, hours and minutes, or what is shorter, as exactly as somebody reads it. */
export function distance(milliseconds: number): string {
  if (milliseconds < SECOND) return `+${milliseconds}ms`;
  const sizes = [DAY, HOUR, MINUTE, SECOND];
  const largest = sizes.findIndex((size) => milliseconds >= size);
  const parts: string[] = [];
  let left = milliseconds;
  for (const size of sizes.slice(largest, largest + 2)) {
    const whole = Math.floor(left / size) * size;
    if (whole > 0) parts.push(formatDuration(size).replace(/^\d+/, String(whole / size)));
    left -= whole;
  }
  return `+${parts.join(" ")}`;
}

const clockTime = (at: Date, timezone: string): string =>
  wallTime(at, timezone).toString({ smallestUnit: "minute" }).replace("T", " ");

const timeOf = (at: Date, start: Date, timezone: string): string =>
  at.getTime() === start.getTime() ? clockTime(at, timezone).slice(-5) : distance(at.getTime() - start.getTime());

/** What a message says first, in the form of any channel. */
function titleOf({ content }: CourseMessage): string {
  for (const member of ["subject", "title", "body", "text", "markdown", "html"]) {
    const text = content[member];
    if (typeof text === "string" && text.trim() !== "")
      return preview(text.trim().replaceAll(/\s+/g, " "), LONGEST_TITLE);
  }
  return preview(content, LONGEST_TITLE);
}

const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, "");

interface Line {
  at: Date;
  step: string;
  what: string;
}

function stepLine({ at, ref, kind, outcome, code, reason }: CourseStep, made: CourseMessage | undefined): Line {
  if (outcome === "done" && made) return { at, step: ref, what: `${kind} ${titleOf(made)}` };
  const why = reason === undefined ? "" : `: ${reason}`;
  return { at, step: ref, what: `${WORDS[outcome]}${code === undefined ? "" : ` ${code}`}${why}` };
}

/** A message that waits for its send window goes out on its own. */
const sentLine = ({ step, sentAt, scheduledAt }: CourseMessage): Line[] =>
  scheduledAt && sentAt ? [{ at: sentAt, step, what: "goes out" }] : [];

const ENDS: Record<Course["status"], string> = {
  completed: "completed",
  halted: "halted",
  failed: "failed",
  cancelled: "cancelled",
  waiting: "still waits",
};

function headOf({ workflow, recipientId, via, list, existing }: Course): string {
  const how = [
    ...(list === null ? [] : [`through the list ${list}`]),
    ...(via.length > 0 ? [`started by ${via.join(", ")}`] : []),
    ...(existing ? ["a run that waits already"] : []),
  ];
  return `${workflow} → ${recipientId}${how.length > 0 ? ` (${how.join("; ")})` : ""}`;
}

function courseLines(course: Course, start: Date, timezone: string): string[] {
  const { steps, messages, status, wakeAt, failure } = course;
  const made = new Map(messages.map((message) => [message.step, message]));
  const lines = [
    ...steps.map((step) => stepLine(step, made.get(step.ref))),
    // A message goes out after everything that its run does at that moment.
    ...messages.flatMap(sentLine),
  ].toSorted((one, other) => one.at.getTime() - other.at.getTime());
  const end = status === "waiting" && wakeAt ? `still waits until ${wakeAt.toISOString()}` : ENDS[status];
  return [
    headOf(course),
    ...lines.map(
      ({ at, step, what }) => `  ${timeOf(at, start, timezone).padEnd(TIME_WIDTH)} ${step.padEnd(STEP_WIDTH)} ${what}`,
    ),
    `  ${end}${failure ? `: ${failure.step}: ${failure.reason}` : ""}`,
  ].map(plain);
}

const listed = (title: string, entries: readonly string[]): string[] =>
  entries.length === 0 ? [] : [title, ...entries.map((entry) => `  ${plain(entry)}`)];

/** All of a simulation as text. Times are those of the environment's zone. */
export function simulationText(
  { at, workflow, total, simulated, warnings, courses, assumed, omitted }: Omit<Simulation, "text">,
  { timezone }: Pick<EngineContext, "timezone">,
): string {
  const people = `${simulated} of ${total} ${total === 1 ? "person" : "people"}`;
  const told = courses.slice(0, MOST_TOLD);
  return [
    `${workflow} at ${clockTime(at, timezone)} ${timezone}: ${people}. Nothing was sent.`,
    ...warnings.map(({ message }) => plain(`! ${message}`)),
    ...told.flatMap((course) => ["", ...courseLines(course, at, timezone)]),
    ...(courses.length > told.length ? ["", `… and ${courses.length - told.length} more runs`] : []),
    ...(assumed.length + omitted.length > 0 ? [""] : []),
    ...listed("Assumed:", assumed),
    ...listed("Left out:", omitted),
  ].join("\n");
}
