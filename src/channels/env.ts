// References to environment variables: a config can be read, compared and printed without its secrets.
import { KnockError } from "../base/errors.ts";

const ENV: unique symbol = Symbol.for("knock.env");
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** A value that is read from the environment when the process starts. */
export interface EnvReference {
  readonly [ENV]: true;
  /** Name of the variable. */
  readonly env: string;
  /** What to use when the variable is not set. */
  readonly fallback: string | undefined;
}

/** The variables of a process, such as `process.env`. */
export type Environment = Record<string, string | undefined>;

/** A value in which each part may be an environment reference instead. */
export type WithEnv<T> =
  | T
  | EnvReference
  | (T extends Opaque ? never : T extends object ? { [K in keyof T]: WithEnv<T[K]> } : never);

/** A value whose references have become text. */
export type Resolved<T> = T extends EnvReference
  ? string
  : T extends Opaque
    ? T
    : T extends object
      ? { [K in keyof T]: Resolved<T[K]> }
      : T;

type Opaque = ((...args: never[]) => unknown) | Date | URL | RegExp;

// Also what a pasted secret does not look like: a mistaken env("postgres://…") is refused without being repeated.
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * A reference to an environment variable, resolved at start and never printed. Without a fallback
 * the variable must be set; an empty one counts as not set.
 *
 * @example smtp({ url: env("SMTP_URL"), from: env("MAIL_FROM", "hello@example.com") })
 * @throws KnockError INVALID_CONFIG when the name cannot be that of a variable.
 */
export function env(name: string, fallback?: string): EnvReference {
  if (!NAME.test(name)) {
    throw new KnockError("INVALID_CONFIG", {
      problem: "env() was given something that is not the name of an environment variable",
      fix: 'Pass the name, such as env("SMTP_URL"), never the value.',
    });
  }
  const shown = () => `env(${name})`;
  const reference = { env: name };
  // Not enumerable, so that printing, spreading or serialising shows the name and nothing else.
  Object.defineProperties(reference, {
    [ENV]: { value: true },
    fallback: { value: fallback },
    [INSPECT]: { value: shown },
  });
  return Object.freeze(reference) as EnvReference;
}

/** Whether a value was made by `env()`. */
export const isEnvReference = (value: unknown): value is EnvReference =>
  typeof value === "object" && value !== null && ENV in value;

/** Whether a value is a plain object or array, whose parts may be references; all else is passed on as it is. */
function hasParts(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** Every reference inside a value, with its path. */
export function envReferences(value: unknown, path: string[] = []): { path: string[]; reference: EnvReference }[] {
  if (isEnvReference(value)) return [{ path, reference: value }];
  return hasParts(value) ? Object.entries(value).flatMap(([key, part]) => envReferences(part, [...path, key])) : [];
}

const read = ({ env: name, fallback }: EnvReference, environment: Environment) => environment[name] || fallback;

function replaced(value: unknown, environment: Environment): unknown {
  if (isEnvReference(value)) return read(value, environment);
  if (Array.isArray(value)) return value.map((part) => replaced(part, environment));
  if (!hasParts(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, environment)]));
}

/**
 * The value with every reference inside it replaced by its text.
 *
 * @throws KnockError INVALID_CONFIG that names all variables that are missing, at once.
 */
export function resolveEnv<T>(value: T, environment: Environment): Resolved<T> {
  const missing = envReferences(value).filter(({ reference }) => read(reference, environment) === undefined);
  const names = [...new Set(missing.map(({ reference }) => reference.env))];
  if (names.length > 0) {
    throw new KnockError("INVALID_CONFIG", {
      problem: `${names.length === 1 ? "the environment variable" : "the environment variables"} ${names.join(", ")} ${names.length === 1 ? "is" : "are"} not set`,
      fix: `Set ${names.join(", ")}, or give env() a fallback.`,
    });
  }
  return replaced(value, environment) as Resolved<T>;
}
