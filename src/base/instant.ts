const FORM =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:T((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?)(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/i;

/**
 * Milliseconds since 1970 of an ISO 8601 timestamp, or `null` when the text is none. A date alone is
 * its first instant; without an offset UTC is meant, so the answer does not depend on the machine.
 *
 * @example parseInstant("2026-03-01T09:30:00+01:00")
 */
export function parseInstant(text: string): number | null {
  const match = FORM.exec(text);
  if (!match) return null;
  const date = match[1]!;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // The runtime reads February 30 as March 2: such a date is a mistake, not a timestamp.
  if (new Date(midnight).toISOString().slice(0, 10) !== date) return null;
  return match[2] === undefined ? midnight : Date.parse(`${date}T${match[2]}${match[3] ?? "Z"}`.toUpperCase());
}
