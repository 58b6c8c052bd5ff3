/** How large a JSON value may be. */
export interface JsonLimits {
  /** Bytes of JSON text, counted without escapes. */
  bytes: number;
  /** Lists and objects inside each other. */
  depth: number;
}

/**
 * Which limit a JSON value breaks, or `null`. Uses no stack and stops at the limit, so it can look at
 * what a stranger sent before anything recursive does.
 */
export function jsonExcess(value: unknown, limits: JsonLimits): keyof JsonLimits | null {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  let bytes = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.depth > limits.depth) return "depth";
    const members = membersOf(next.value);
    bytes += members
      ? 2 + members.length
      : Buffer.byteLength(String(next.value)) + (typeof next.value === "string" ? 2 : 0);
    if (members && !Array.isArray(next.value)) {
      for (const key of Object.keys(next.value as object)) bytes += Buffer.byteLength(key) + 3;
    }
    if (bytes > limits.bytes) return "bytes";
    for (const member of members ?? []) open.push({ value: member, depth: next.depth + 1 });
  }
  return null;
}

function membersOf(value: unknown): readonly unknown[] | null {
  if (typeof value !== "object" || value === null) return null;
  return Array.isArray(value) ? value : Object.values(value);
}

/** Whether a text can be stored: PostgreSQL takes neither NUL nor half a surrogate pair. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0");
