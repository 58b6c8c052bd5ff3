/** Each value once, in the order of its first, without `null`. */
export const distinct = <Value>(values: Iterable<Value | null>): Value[] => [
  ...new Set([...values].filter((value) => value !== null)),
];

/** The items in slices of at most `size`, in order: no job and no statement is to carry all of many. */
export function* slicesOf<Item>(items: readonly Item[], size: number): Generator<Item[], void> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
