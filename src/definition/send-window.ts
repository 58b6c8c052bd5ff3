// When messages may go out, day by day, in the recipient's time zone.
import { weekdays, type Weekday } from "../base/weekday.ts";

/** A part of a day, `HH:MM` to `HH:MM`; `24:00` is its end. */
export interface Opening {
  from: string;
  until: string;
}

/** The opening of each day; a day that is not mentioned is closed. Outside of it a message waits for the next opening. */
export type SendWindow = { readonly [Day in Weekday]?: Opening };

/**
 * The same hours on several days. Default: Monday to Friday.
 *
 * @example .email("mail", { subject: "…", body: "…", sendWindow: openOn("09:00", "17:00") })
 */
export const openOn = (from: string, until: string, days: readonly Weekday[] = weekdays.slice(0, 5)): SendWindow =>
  Object.fromEntries(days.map((day) => [day, { from, until }]));
