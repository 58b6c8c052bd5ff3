import { graphqlName } from "../../base/names.ts";

// Words that cannot name an import.
const RESERVED = new Set(
  `break case catch class const continue debugger default delete do else enum export extends false finally for function
   if import in instanceof new null return super switch this throw true try typeof var void while with yield let static
   await async implements interface package private protected public arguments eval expect test workflow users knock z`.split(
    /\s+/,
  ),
);

/** How files call a workflow: `order-shipped` is `orderShipped`. */
export function identifierOf(key: string): string {
  const name = graphqlName(key);
  return RESERVED.has(name) ? `${name}Workflow` : name;
}

/** What is meant by a text that cannot be a key: `Order Shipped!` is `order-shipped`; `null` for nothing. */
export function keyFrom(text: string): string | null {
  const key = text
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, "-")
    .replaceAll(/[-_]*([-_])[-_]*/g, "$1")
    .replaceAll(/^[-_0-9]+|[-_]+$/g, "");
  return key === "" ? null : key.slice(0, 255);
}

/** A key as people read it: `Order shipped`. */
export function nameFrom(key: string): string {
  const words = key.replaceAll(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
