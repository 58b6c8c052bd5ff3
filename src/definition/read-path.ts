/**
 * The value at a dotted path, or `null` when there is none. Own members only, so that a path can
 * never reach a prototype. Dates are read as ISO 8601 text, as everywhere in stored data.
 *
 * @example readPath({ recipient: { plan: "pro" } }, "recipient.plan") // "pro"
 */
export function readPath(root: unknown, path: string): unknown {
  let at = root;
  for (const segment of path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, segment)) return null;
    at = (at as Record<string, unknown>)[segment];
  }
  if (at instanceof Date) return Number.isNaN(at.getTime()) ? null : at.toISOString();
  return at ?? null;
}
