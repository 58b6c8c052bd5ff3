// zod states "optional", "nullable" and defaults as wrappers around a schema. This takes them off.
import { z } from "zod";

/** Any zod schema. */
export type Schema = z.core.$ZodType;

/** A schema without its wrappers, and what they said. */
export interface Unwrapped {
  inner: z.core.$ZodTypes;
  mayBeAbsent: boolean;
  takesNull: boolean;
  fallback: string | number | boolean | undefined;
  description: string | undefined;
  /** The name that `.meta({ id })` gave. */
  id: string | undefined;
}

type Peeled = { next: Schema; takesNull?: boolean; fallback?: unknown } | null;

// A default may be a function; one that answers differently each time must not get into a schema
// that is committed and compared.
function stable(def: { defaultValue: unknown }): unknown {
  const value = def.defaultValue;
  return Object.is(value, def.defaultValue) ? value : undefined;
}

// zod takes a default as it is. GraphQL would send it through the schema, which may change it
// (.trim()) or refuse it (.min(1).default("")): such a default stays zod's own affair.
function unchanged(schema: Schema, value: unknown): unknown {
  try {
    const parsed = z.safeParse(schema, value);
    return parsed.success && Object.is(parsed.data, value) ? value : undefined;
  } catch {
    return undefined; // an asynchronous check
  }
}

function peelUnion(options: readonly Schema[]): Peeled {
  const rest = options.filter((option) => (option as z.core.$ZodTypes)._zod.def.type !== "null");
  return rest.length === 1 && rest.length < options.length ? { next: rest[0]!, takesNull: true } : null;
}

function peel(schema: z.core.$ZodTypes): Peeled {
  const { def } = schema._zod;
  switch (def.type) {
    case "default":
      return { next: def.innerType, fallback: unchanged(def.innerType, stable(def)) };
    case "prefault":
      return { next: def.innerType, fallback: stable(def) };
    case "nullable":
      return { next: def.innerType, takesNull: true };
    case "optional":
    case "nonoptional":
    case "readonly":
    case "catch":
      return { next: def.innerType };
    case "lazy":
      return { next: def.getter() };
    case "pipe":
      return { next: def.in };
    case "union":
      return peelUnion(def.options);
    default:
      return null;
  }
}

const isScalar = (value: unknown): value is string | boolean | number =>
  typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));

/** Takes the wrappers off; of a pipe, a codec or a preprocessed schema it is the input side that counts. */
export function unwrap(schema: Schema): Unwrapped {
  const found: Unwrapped = {
    inner: schema as z.core.$ZodTypes,
    mayBeAbsent: schema._zod.optin !== undefined,
    takesNull: false,
    fallback: undefined,
    description: undefined,
    id: undefined,
  };
  const seen = new Set<Schema>();
  for (;;) {
    const meta = z.globalRegistry.get(found.inner);
    found.description ??= meta?.description;
    found.id ??= meta?.id;
    const peeled = seen.has(found.inner) ? null : peel(found.inner);
    if (!peeled) return found;
    seen.add(found.inner);
    found.takesNull ||= peeled.takesNull ?? false;
    if (found.fallback === undefined && isScalar(peeled.fallback)) found.fallback = peeled.fallback;
    found.inner = peeled.next as z.core.$ZodTypes;
  }
}
