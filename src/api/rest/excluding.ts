// Leaves members out of an answer, as a client wishes that does not need them.

type Members = Readonly<Record<string, unknown>>;

/** Members deeper than this cannot be left out. */
const LEVELS = 3;

function without(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, [name!, ...rest]));
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name!)) return value;
  const { [name!]: member, ...others } = value as Members;
  return rest.length === 0 ? others : { ...others, [name!]: without(member, rest) };
}

/** `value` without the members that a list of paths names. */
export const excluding = (value: unknown, list: string): unknown =>
  list
    .split(",")
    .map((path) => path.trim().split("."))
    .filter((path) => path[0] !== "" && path.length <= LEVELS)
    .reduce(without, value);
