const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long ago something was, for people: `5m ago`, `2h ago`, `yesterday`, and beyond a week the date.
 *
 * @param locale BCP 47; default that of the browser
 */
export function relativeTime(
  at: string,
  now: Date,
  { locale, justNow }: { locale?: string | undefined; justNow: string },
) {
  const then = new Date(at);
  const passed = Math.max(0, now.getTime() - then.getTime());
  if (passed < MINUTE) return justNow;
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "narrow" });
  if (passed < HOUR) return words.format(-Math.floor(passed / MINUTE), "minute");
  if (passed < DAY) return words.format(-Math.floor(passed / HOUR), "hour");
  if (passed < 7 * DAY) return words.format(-Math.floor(passed / DAY), "day");
  const sameYear = then.getFullYear() === now.getFullYear();
  return then.toLocaleDateString(locale, { month: "short", day: "numeric", ...(!sameYear && { year: "numeric" }) });
}
