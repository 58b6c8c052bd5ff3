// Keeps the options of a provider out of everything that is printed. All options are secret unless the
// provider names them as visible, so a forgotten word hides too much instead of too little.
import { isEnvReference } from "./env.ts";

const HIDDEN = "[hidden]";
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

// Shorter text occurs in ordinary words; removing it would garble every reason and protect nothing.
const SHORTEST_SECRET = 4;

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  // The name of a variable is what its owner has to read.
  if (isEnvReference(value)) return [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

// An error rarely repeats a URL, but often the user or the password in it.
function partsOf(text: string): string[] {
  if (!URL.canParse(text)) return [text];
  const { username, password } = new URL(text);
  return [text, username, password, decodeURIComponent(username), decodeURIComponent(password)];
}

/** A function that removes every hidden option, and what is inside a hidden URL, from a text. */
export function scrubber(options: object, visible: readonly string[]): (text: string) => string {
  const hidden = Object.entries(options).filter(([name]) => !visible.includes(name));
  const texts = hidden.flatMap(([, value]) => textsIn(value)).flatMap(partsOf);
  const encoded = texts.flatMap((text) => [text, encodeURIComponent(text), Buffer.from(text).toString("base64")]);
  // The longest first: a secret that contains another one must go as a whole.
  const secrets = [...new Set(encoded)]
    .filter((text) => text.length >= SHORTEST_SECRET)
    .toSorted((a, b) => b.length - a.length);
  return (text) => secrets.reduce((scrubbed, secret) => scrubbed.replaceAll(secret, HIDDEN), text);
}

/** The options as they may be printed: references by name, visible ones as they are, the rest hidden. */
export function shownOptions(options: object, visible: readonly string[]): Record<string, unknown> {
  const shown = ([name, value]: [string, unknown]) => {
    if (isEnvReference(value)) return [name, `env(${value.env})`];
    return [name, visible.includes(name) && typeof value !== "object" ? value : HIDDEN];
  };
  return Object.fromEntries(Object.entries(options).map(shown));
}

/** Makes a value print and serialise as `shown()`; the value itself, and copies by spreading, stay the same. */
export function printedAs<T extends object>(value: T, shown: () => unknown): T {
  return Object.defineProperties(value, { toJSON: { value: shown }, [INSPECT]: { value: shown } });
}
