/**
 * The members that a client gave. GraphQL has null where it has nothing to say; of the members named in
 * `nullIsAbsent`, which cannot be emptied, a null is left out.
 */
export const present = (given: object, nullIsAbsent: readonly string[] = []): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(given).filter(
      ([name, value]) => value !== undefined && !(value === null && nullIsAbsent.includes(name)),
    ),
  );
