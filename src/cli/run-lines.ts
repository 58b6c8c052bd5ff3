// One readable line for each thing that happened to a run. A broadcast would bury the terminal, so
// beyond some lines a second the rest is counted.
import type { Clock } from "../base/clock.ts";
import type { CancelledEvent, DeliveryEvent, RunEvent } from "../engine/events.ts";
import type { TraceEntry } from "../store/schema/runs.ts";
import { count, elapsed, type Paint, plural, type Terminal } from "./terminal.ts";

const pad = (value: number): string => String(value).padStart(2, "0");

/** `12:01:19` in the zone of the machine. */
export const timeOfDay = (at: Date): string => [at.getHours(), at.getMinutes(), at.getSeconds()].map(pad).join(":");

/** Control characters would steer the terminal; ids and reasons come from outside. */
const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, "");

interface Line {
  at: Date;
  id: string;
  mark: string;
  workflow: string;
  recipientId: string;
  /** Step or channel. */
  place: string;
  what: string;
  why: string | null;
}

/** Enough to tell the runs of one screen apart. */
const ID_LENGTH = 6;
const SUBJECT_WIDTH = 32;
const PLACE_WIDTH = 8;

function lineText({ at, id, mark, workflow, recipientId, place, what, why }: Line, paint: Paint): string {
  const subject = `${plain(workflow)} → ${plain(recipientId)}`;
  const shown = `${plain(workflow)} ${paint.dim("→")} ${paint.bold(plain(recipientId))}${" ".repeat(Math.max(0, SUBJECT_WIDTH - subject.length))}`;
  const reason = why ? paint.dim(`: ${plain(why)}`) : "";
  return `${paint.dim(timeOfDay(at))}  ${paint.dim(id)}  ${mark} ${shown}  ${paint.cyan(place.padEnd(PLACE_WIDTH))}  ${what}${reason}`;
}

const outcomes: Record<TraceEntry["outcome"], { mark: (paint: Paint) => string; word: string }> = {
  done: { mark: (paint) => paint.green("✓"), word: "done" },
  skipped: { mark: (paint) => paint.yellow("–"), word: "skipped" },
  waiting: { mark: (paint) => paint.blue("◷"), word: "waits" },
  joined: { mark: (paint) => paint.blue("⊕"), word: "joined" },
  halted: { mark: (paint) => paint.yellow("■"), word: "halted" },
  failed: { mark: (paint) => paint.red("✗"), word: "failed" },
  cancelled: { mark: (paint) => paint.yellow("■"), word: "cancelled" },
};

/** The line for one decision of a run. `channelType` is that of the step's channel, when it made a message. */
export function runLine(event: RunEvent, channelType: string | null, paint: Paint): string {
  const { at, runId, workflow, recipientId, entry } = event;
  const { mark, word } = outcomes[entry.outcome];
  const made = channelType === "inApp" ? "in the feed" : "message made";
  const what = entry.outcome === "done" && channelType ? made : word;
  return lineText(
    {
      at,
      id: runId.slice(-ID_LENGTH),
      mark: mark(paint),
      workflow,
      recipientId,
      place: entry.ref,
      what,
      why: entry.reason ?? null,
    },
    paint,
  );
}

/** The line for one attempt of a delivery. `printed` says that it went to this terminal and nowhere else. */
export function deliveryLine(event: DeliveryEvent, printed: boolean, paint: Paint): string {
  const { at, workflow, recipientId, channel, outcome, reason, milliseconds } = event;
  const good = outcome === "sent" || outcome === "delivered";
  const what = printed && good ? "printed, not sent" : `${outcome} ${paint.dim(elapsed(milliseconds))}`;
  const mark = good ? paint.green("↗") : paint.red("✗");
  return lineText(
    { at, id: " ".repeat(ID_LENGTH), mark, workflow, recipientId, place: channel, what, why: reason },
    paint,
  );
}

/** The line for a cancel. */
export function cancelledLine({ at, key, runs, notifications }: CancelledEvent, paint: Paint): string {
  const what = `${plural(runs, "run")} of ${plural(notifications, "notification")} ended`;
  return `${paint.dim(timeOfDay(at))}  ${" ".repeat(ID_LENGTH)}  ${paint.yellow("■")} cancelled by the key ${paint.bold(plain(key))}: ${what}`;
}

/** Lines a second that somebody can still follow. */
const MOST_LINES = 60;

/** Prints text, and counts it by kind when there is too much to follow. */
export function createLinePrinter({ out, paint }: Terminal, clock: Clock): (text: string, kind: string) => void {
  let printed = 0;
  let windowOpen = false;
  const hidden = new Map<string, number>();

  function closeWindow(): void {
    windowOpen = false;
    printed = 0;
    if (hidden.size === 0) return;
    const parts = [...hidden].map(([kind, number]) => `${count(number)} ${kind}`).join(", ");
    out(paint.dim(`${timeOfDay(clock.now())}  … and more than can be shown: ${parts}`));
    hidden.clear();
  }

  return (text, kind) => {
    if (!windowOpen) {
      windowOpen = true;
      clock.after(1_000, closeWindow);
    }
    if (printed < MOST_LINES) {
      printed += text.split("\n").length;
      out(text);
    } else hidden.set(kind, (hidden.get(kind) ?? 0) + 1);
  };
}
