import type { Database } from "../../src/store/database.ts";
import type { Executor } from "../../src/store/executor.ts";

/** What a statement throws instead of being executed when its process has ended. */
export class Crash extends Error {
  /** Nothing that was stored is to blame. */
  readonly code = "CONNECTION_CLOSED";
}

/** A database whose transactions end in the middle when told. */
export interface Crashing {
  database: Database;
  /** The statement after so many others, of whatever transaction, fails; 0 is the next one. `null` disarms. */
  crashAfter(statements: number | null): void;
}

/** Wraps a database. Statements outside of transactions are not affected. */
export function crashing(database: Database): Crashing {
  let left: number | null = null;
  const step = () => {
    if (left === null) return;
    if (left-- > 0) return;
    left = null;
    throw new Crash("crashed");
  };
  const wrapped = (tx: Executor): Executor => {
    const session = new Proxy(tx._.session, {
      get(target, name, receiver) {
        if (name !== "prepareQuery") return Reflect.get(target, name, receiver) as unknown;
        return (...given: Parameters<typeof target.prepareQuery>) => {
          step();
          return target.prepareQuery(...given);
        };
      },
    });
    const inner = { ...tx._, session };
    return new Proxy(tx, {
      get: (target, name, receiver) => (name === "_" ? inner : (Reflect.get(target, name, receiver) as unknown)),
    });
  };
  return {
    database: new Proxy(database, {
      get(target, name, receiver) {
        if (name !== "transaction") return Reflect.get(target, name, receiver) as unknown;
        return <Result>(work: (tx: Executor) => Promise<Result>) =>
          target.transaction(async (tx) => {
            const result = await work(wrapped(tx));
            // The last moment before the commit.
            step();
            return result;
          });
      },
    }),
    crashAfter(statements) {
      left = statements;
    },
  };
}
