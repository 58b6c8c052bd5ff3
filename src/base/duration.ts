const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

type Unit = keyof typeof MILLISECONDS;

/** A length of time as text: a whole number and a unit (`ms`, `s`, `m`, `h`, `d`, `w`), such as `"5m"`. */
export type Duration = `${number}${Unit}`;

const FORM = /^(\d+)(ms|s|m|h|d|w)$/;

/** Milliseconds of a duration, or `null` when the text is none. A day is 24 hours. */
export function parseDuration(text: string): number | null {
  const match = FORM.exec(text);
  if (!match) return null;
  const milliseconds = Number(match[1]) * MILLISECONDS[match[2] as Unit];
  return Number.isSafeInteger(milliseconds) ? milliseconds : null;
}

/** Milliseconds of a duration that is known to be well-formed. */
export function durationMs(text: Duration): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === null) throw new TypeError(`"${text}" is not a duration such as "5m" or "2d"`);
  return milliseconds;
}

/** The shortest exact text for a number of milliseconds: `formatDuration(5400000)` is `"90m"`. */
export function formatDuration(milliseconds: number): Duration {
  const units = Object.entries(MILLISECONDS).toReversed() as [Unit, number][];
  const [unit, size] = units.find(([, size]) => milliseconds >= size && milliseconds % size === 0) ?? ["ms", 1];
  return `${milliseconds / size}${unit}`;
}
