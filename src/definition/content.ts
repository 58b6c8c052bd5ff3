// Content: what people read. Text, a function of real values, or a Liquid template.

const LIQUID: unique symbol = Symbol.for("knock.liquid");

/** A Liquid template whose variables are checked against the workflow's schema. */
export interface Liquid {
  readonly [LIQUID]: true;
  readonly template: string;
}

/**
 * Marks text as a Liquid template.
 *
 * @example body: liquid("Hi {{ recipient.name }}, {{ actor.name }} invited you.")
 */
export const liquid = (template: string): Liquid => ({ [LIQUID]: true, template });

/** Whether the value was made by `liquid()`. */
export const isLiquid = (value: unknown): value is Liquid =>
  typeof value === "object" && value !== null && LIQUID in value;

/** A React element, by its shape: React itself is loaded only when a workflow uses it. */
export interface ReactElementLike {
  type: unknown;
  props: unknown;
  key: string | null;
}

/** A slot for what people read: fixed, a function called when the message is made, or Liquid text. */
export type Content<Scope, T = string> = T | ((scope: Scope) => T) | (string extends T ? Liquid : never);
