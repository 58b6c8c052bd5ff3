/** An object with other names and values; `null` leaves an entry out. Names such as `__proto__` stay names. */
export const mapEntries = <Value, Name extends string, Result>(
  object: Readonly<Record<string, Value>>,
  change: (name: string, value: Value) => readonly [Name, Result] | null,
): Record<Name, Result> =>
  Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => {
      const entry = change(name, value);
      return entry ? [entry] : [];
    }),
  ) as Record<Name, Result>;
