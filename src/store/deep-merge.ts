import type { Json, JsonObject } from "../base/canonical-json.ts";

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Lays `given` over `stored`: objects merge member by member to any depth, everything else replaces, `null`
 * included, and absent members stay. The same rule as the SQL function `knock.deep_merge`, for entries
 * that name the same thing twice in one call.
 */
export function deepMerge(stored: JsonObject, given: JsonObject): JsonObject {
  const merged = new Map(Object.entries(stored));
  for (const [key, value] of Object.entries(given)) {
    const present = merged.get(key);
    merged.set(key, isObject(present) && isObject(value) ? deepMerge(present, value) : value);
  }
  return Object.fromEntries(merged);
}
