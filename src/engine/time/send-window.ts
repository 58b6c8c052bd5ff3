import { weekdays } from "../../base/weekday.ts";
import { instantOf, wallTime, type WallTime } from "../../base/zone.ts";
import type { Opening, SendWindow } from "../../definition/send-window.ts";

/** Days that are looked at: the next one of the same name is seven days away. */
const DAYS_AHEAD = 8;

const MINUTES_OF_A_DAY = 24 * 60;

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":").map(Number);
  return hours! * 60 + minutes!;
}

function at(midnight: WallTime, time: string, zone: string): Date {
  const minutes = minutesOf(time);
  // The end of a day is the beginning of the next, also on a day with 23 hours.
  const days = Math.floor(minutes / MINUTES_OF_A_DAY);
  return instantOf(midnight.add({ days, minutes: minutes % MINUTES_OF_A_DAY }), zone);
}

const openingOf = (midnight: WallTime, { from, until }: Opening, zone: string) => ({
  opens: at(midnight, from, zone),
  closes: at(midnight, until, zone),
});

/**
 * When a window opens next; `null` when it is open now, or never. `from` belongs to the opening, `until` does not.
 * A time that does not exist on a day is later on that day, one that passes twice means the first.
 *
 * @example nextOpening({ monday: { from: "09:00", until: "17:00" } }, { now, timezone: "Europe/Zurich" })
 */
export function nextOpening(window: SendWindow, { now, timezone: zone }: { now: Date; timezone: string }): Date | null {
  const midnight = wallTime(now, zone).with({ hour: 0, minute: 0, second: 0, millisecond: 0 });
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
    const day = midnight.add({ days: ahead });
    const opening = window[weekdays[day.dayOfWeek - 1]!];
    if (!opening) continue;
    const { opens, closes } = openingOf(day, opening, zone);
    // Nothing is left of an opening that begins in the hour which clocks leave out and ends right after it.
    if (opens >= closes) continue;
    if (now < opens) return opens;
    if (now < closes) return null;
  }
  return null;
}
