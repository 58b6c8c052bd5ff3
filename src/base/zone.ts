// Local time: what the clocks of a zone show at an instant, and when they show it. A wall time that does not exist,
// because clocks go forward, is the one that they show instead (02:30 becomes 03:30); one that passes twice, because
// they go back, means the first.
import { Temporal } from "temporal-polyfill";

/** A date and a time of day without a zone. */
export type WallTime = Temporal.PlainDateTime;

/** The zone when nothing else is known. */
export const UTC = "Etc/UTC";

const known = new Set<string>([UTC]);

/** Names that are remembered: more than there are, but not any number of spellings of them. */
const MOST_KNOWN = 2_000;

/**
 * Whether a text is the name of an IANA zone such as `Europe/Zurich`. Offsets such as `+01:00` are none: they know
 * no daylight saving.
 */
export function isZone(text: unknown): text is string {
  if (typeof text !== "string" || !/^[A-Za-z]/.test(text)) return false;
  if (known.has(text)) return true;
  try {
    // Formats know some names more, and all arithmetic here takes timestamps too that hold a zone.
    new Intl.DateTimeFormat("en", { timeZone: text });
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text);
  } catch {
    return false;
  }
  if (known.size < MOST_KNOWN) known.add(text);
  return true;
}

/**
 * What the clocks of a zone show at an instant.
 *
 * @example wallTime(new Date("2026-07-01T12:00:00Z"), "Europe/Zurich").toString() // "2026-07-01T14:00:00"
 */
export const wallTime = (instant: Date, zone: string): WallTime =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone).toPlainDateTime();

/** When the clocks of a zone show a wall time. */
export const instantOf = (wall: WallTime, zone: string): Date =>
  new Date(wall.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds);

/** Each time that the clocks show a wall time: never in a gap, twice when they go back over it. */
export function instantsOf(wall: WallTime, zone: string): Date[] {
  const first = wall.toZonedDateTime(zone, { disambiguation: "earlier" });
  if (!first.toPlainDateTime().equals(wall)) return [];
  const last = wall.toZonedDateTime(zone, { disambiguation: "later" }).epochMilliseconds;
  return [...new Set([first.epochMilliseconds, last])].map((milliseconds) => new Date(milliseconds));
}

/** How far the clocks of a zone are ahead of UTC at an instant, in milliseconds. */
export const offsetAt = (instant: Date, zone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone).offsetNanoseconds / 1_000_000;

/** A wall time as milliseconds since 1970, as if the clocks showed UTC: for arithmetic, not an instant. */
export const wallMs = (wall: WallTime): number => instantOf(wall, UTC).getTime();

/** The wall time of such milliseconds. */
export const wallOfMs = (milliseconds: number): WallTime => wallTime(new Date(milliseconds), UTC);

/** Whether a wall time comes after another on the clocks. */
export const isLater = (one: WallTime, other: WallTime): boolean => Temporal.PlainDateTime.compare(one, other) > 0;
