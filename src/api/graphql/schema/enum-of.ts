import type { Builder } from "../builder.ts";

/** `notSent` and `not_sent` as `NOT_SENT`. */
const inCapitals = (value: string) => value.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** An enum of values of the store, with what each means. */
export function enumOf<Value extends string>(
  builder: Builder,
  name: string,
  about: { description: string; values: Record<Value, string> },
) {
  const values = Object.entries<string>(about.values).map(([value, description]) => [
    inCapitals(value),
    { value: value as Value, description },
  ]);
  return builder.enumType(name, {
    description: about.description,
    values: Object.fromEntries(values) as Record<string, { value: Value; description: string }>,
  });
}
