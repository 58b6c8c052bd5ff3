// Names of input types and enum values. The name of a workflow's field is in base/names.ts.

const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/;

/** Whether the text can stand as a name in GraphQL; names that begin with `__` belong to GraphQL itself. */
export const isGraphqlName = (text: string): boolean => NAME.test(text) && !text.startsWith("__");

/** The words of any text as one capitalised name, to be put behind another name: `invitee_email` is `InviteeEmail`. */
export const capitalised = (text: string): string =>
  text
    .split(/[^0-9A-Za-z]+/)
    .filter((word) => word !== "")
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join("");

const RESERVED = new Set(["true", "false", "null"]);

/** The name of an enum value: the value itself where GraphQL allows it, else with `_` for what it does not. */
export function valueName(value: string): string {
  if (isGraphqlName(value) && !RESERVED.has(value)) return value;
  const legal = value.replaceAll(/[^_0-9A-Za-z]/g, "_").replace(/^_+/, "_");
  return /^\d|^$/.test(legal) || RESERVED.has(legal) ? `_${legal}` : legal;
}
