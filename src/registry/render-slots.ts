// The slots of steps that make no message: what a call, a change or another notification is made from.
import { ContentFailed, fill, kindOf, storable, type SlotSources } from "./render.ts";

/**
 * What each slot says for one scope: a value as it is, Liquid as text, code by calling it. A function that returns
 * `undefined` leaves its slot out. Throws `ContentFailed` naming the slot, also for what cannot be stored as JSON.
 *
 * @example renderSlots({ url: { kind: "liquid", template: "https://example.com/{{ data.id }}" } }, scope)
 */
export function renderSlots(sources: SlotSources, scope: object): Record<string, unknown> {
  const rendered: Record<string, unknown> = {};
  for (const [slot, source] of Object.entries(sources)) {
    const value = fill(slot, source, scope);
    if (value instanceof Promise || typeof value === "function")
      throw new ContentFailed(slot, `expected a value, got ${kindOf(value)}`);
    if (value !== undefined) rendered[slot] = storable(slot, value);
  }
  return rendered;
}
