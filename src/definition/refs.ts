// References: what a selector receives instead of values. Reading a property of one gives a longer
// path and nothing else, so a selector runs once, when the file loads, and leaves data behind.

declare const TYPE: unique symbol;
// Shared by all copies of this file: a bundle brings one of its own.
const REF: unique symbol = Symbol.for("knock.ref");

/** A typed path into what a run will know, such as `recipient.plan`. */
export interface Ref<T> {
  readonly [REF]: { readonly path: string };
  readonly [TYPE]?: T;
}

type Leaf = string | number | boolean | bigint | null | undefined | readonly unknown[];

/** A reference to every member of `T`, at any depth. */
export type Refs<T> = Ref<T> &
  ([NonNullable<T>] extends [Leaf] ? unknown : { readonly [K in keyof NonNullable<T>]-?: Refs<NonNullable<T>[K]> });

/** Whether the value is a reference. */
export const isRef = (value: unknown): value is Ref<unknown> =>
  typeof value === "object" && value !== null && REF in value;

/** The dotted path of a reference. */
export const pathOf = (reference: Ref<unknown>): string => reference[REF].path;

/**
 * A reference by its path, for properties that no schema states.
 *
 * @example when: () => eq(ref("recipient.membership.role"), "admin")
 */
export const ref = <T = unknown>(path: string): Ref<T> => ({ [REF]: { path } });

/** What a misused reference says: comparing or printing one would silently decide at load time. */
export class ReferenceMisused extends Error {
  constructor(path: string) {
    super(`"${path}" is a reference, not a value`);
    this.name = "ReferenceMisused";
  }
}

/** A root reference that reports each path read from it to `onRead`. */
export function recordingRefs<T>(onRead: (path: string) => void): Refs<T> {
  const at = (path: string): object =>
    new Proxy(
      {},
      {
        has: (_target, key) => key === REF,
        get(_target, key) {
          if (key === REF) return { path };
          if (typeof key === "symbol") throw new ReferenceMisused(path);
          const longer = path === "" ? key : `${path}.${key}`;
          onRead(longer);
          return at(longer);
        },
      },
    );
  return at("") as Refs<T>;
}
