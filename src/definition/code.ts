// The one escape for decisions that no condition can state: labelled code. The label belongs to the
// structure and shows in every explanation; the function belongs to the deploy.

const CODE: unique symbol = Symbol.for("knock.code");

/** A decision made by a function of real values. */
export interface LabelledCode<Scope> {
  readonly [CODE]: true;
  readonly label: string;
  readonly decide: (scope: Scope) => boolean;
}

/**
 * A condition as code, named so that explanations can say what was asked.
 *
 * @example when: code("it is an office hour", ({ now }) => isOfficeHour(now))
 */
export const code = <Scope>(label: string, decide: (scope: Scope) => boolean): LabelledCode<Scope> => ({
  [CODE]: true,
  label,
  decide,
});

/** Whether the value was made by `code()`. */
export const isCode = (value: unknown): value is LabelledCode<never> =>
  typeof value === "object" && value !== null && CODE in value;
