// The rules of preferences once more, as plainly as they are told in docs/preferences.md and without a
// line of the product's code: the property tests compare the two.
type Any = Record<string, unknown>;

const isObject = (value: unknown): value is Any => typeof value === "object" && value !== null && !Array.isArray(value);

/** A lower value under a higher one. */
function combine(lower: unknown, higher: unknown): unknown {
  if (higher === undefined) return lower;
  if (lower === undefined) return higher;
  if (isObject(lower) && lower["__strategy__"] === "replace") return lower;
  if (!isObject(lower) || !isObject(higher)) return higher;
  const both: Any = { ...lower, ...higher };
  for (const map of ["channelTypes", "channels"]) {
    if (isObject(lower[map]) && isObject(higher[map])) both[map] = { ...lower[map], ...higher[map] };
  }
  return both;
}

function mergeAll(lowToHigh: readonly Any[]): Any {
  const merged: Any = { workflows: {}, categories: {}, channelTypes: {}, channels: {} };
  for (const set of lowToHigh) {
    for (const section of ["workflows", "categories"]) {
      const into = merged[section] as Any;
      for (const [name, entry] of Object.entries((set[section] as Any) ?? {})) {
        into[name] = combine(Object.hasOwn(into, name) ? into[name] : undefined, entry);
      }
    }
    for (const section of ["channelTypes", "channels"]) merged[section] = combine(merged[section], set[section]);
  }
  return merged;
}

interface Question {
  sets: { recipient?: unknown; recipientTenant?: unknown; tenant?: unknown; environment?: unknown };
  hasTenant: boolean;
  workflow: { key: string; categories: readonly string[]; required: boolean; commercial: boolean };
  channel: { key: string; type: string };
  /** Decides conditions: what they mean is not the matter here. */
  holds: (condition: unknown) => boolean;
}

/** Whether a message may be made. */
export function modelAllows({ sets, hasTenant, workflow, channel, holds }: Question): boolean {
  if (workflow.required) return true;
  const tenantCounts = hasTenant && (isObject(sets.recipientTenant) || isObject(sets.tenant));
  const order = tenantCounts
    ? [sets.environment, sets.tenant, sets.recipientTenant]
    : [sets.environment, sets.recipient];
  const preferences = mergeAll(order.filter(isObject));

  const isOn = (value: unknown): boolean => {
    if (value === undefined) return true;
    if (!isObject(value)) return value === true;
    return !("conditions" in value) || (value["conditions"] as unknown[]).every(holds);
  };
  const part = (of: Any, map: string, name: string) =>
    isObject(of[map]) && Object.hasOwn(of[map], name) ? of[map][name] : undefined;
  const channelIsOn = (of: Any): boolean =>
    isOn(part(of, "channels", channel.key) ?? part(of, "channelTypes", channel.type));
  const entryIsOn = (section: string, name: string): boolean => {
    const entry = part(preferences, section, name);
    return isOn(entry) && (!isObject(entry) || channelIsOn(entry));
  };

  const commercialOrder = tenantCounts
    ? [sets.recipient, sets.tenant, sets.environment]
    : [sets.recipient, sets.environment];
  const commercial = commercialOrder
    .filter(isObject)
    .map((set) => set["commercialSubscribed"])
    .find((value) => value !== undefined);
  return (
    (!workflow.commercial || isOn(commercial)) &&
    entryIsOn("workflows", workflow.key) &&
    workflow.categories.every((name) => entryIsOn("categories", name)) &&
    channelIsOn(preferences)
  );
}
