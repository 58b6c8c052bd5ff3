/**
 * A value as short JSON text for a sentence. Only as much of the value is read as is shown, so a huge
 * or deeply nested one costs nothing.
 *
 * @example preview(["a", "b"]) // '["a","b"]'
 */
export function preview(value: unknown, limit = 80): string {
  const text = sketch(value, limit);
  return text.length <= limit ? text : `${text.slice(0, limit - 1).toWellFormed()}…`;
}

function sketch(value: unknown, limit: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, Math.max(limit, 0)));
  if (typeof value !== "object" || value === null) return String(value ?? null);
  return Array.isArray(value) ? sketchList(value, limit) : sketchObject(value, limit);
}

function sketchList(list: readonly unknown[], limit: number): string {
  let text = "[";
  for (const item of list) {
    if (text.length > limit) return text;
    text += `${text.length > 1 ? "," : ""}${sketch(item, limit - text.length)}`;
  }
  return `${text}]`;
}

function sketchObject(object: object, limit: number): string {
  let text = "{";
  for (const key in object) {
    if (!Object.hasOwn(object, key)) continue;
    if (text.length > limit) return text;
    text += `${text.length > 1 ? "," : ""}${JSON.stringify(key.slice(0, limit))}:`;
    text += sketch((object as Record<string, unknown>)[key], limit - text.length);
  }
  return `${text}}`;
}
