// What the verbs about users, lists, preferences and tenants have in common.
import { type Issue, KnockError } from "../../base/errors.ts";
import { untilAlone } from "../../store/conflict.ts";
import type { Executor } from "../../store/executor.ts";
import type { EngineContext } from "../engine.ts";
import type { Refused } from "../notify-call.ts";

/** What the verbs work with. */
export type Directory = Pick<EngineContext, "database" | "clock">;

/** A verb's answer: what came of it, or why nothing was stored. */
export type Outcome<Success extends object = object> = ({ ok: true } & Success) | Refused;

/** The caller's own transaction, when the change is to be part of it. */
export interface InTransaction {
  tx?: Executor | undefined;
}

/** The answer that something in the input is not acceptable; `subject` begins the sentence. */
export const invalid = (subject: string, issues: Issue[]): Refused => ({
  ok: false,
  error: new KnockError("INVALID_INPUT", { issues, subject }),
});

/**
 * Runs statements in one transaction, the caller's or one of their own, which is done again when it met another one:
 * all of them count or none.
 */
export const inOneTransaction = <Result>(
  { database }: Pick<Directory, "database">,
  { tx }: InTransaction,
  work: (db: Executor) => Promise<Result>,
): Promise<Result> => (tx ? work(tx) : untilAlone(() => database.transaction(work)));

/**
 * Runs the statements of a verb in one transaction, the caller's or one of its own: all of them count or none.
 * What the store refuses becomes an answer; anything else is thrown.
 */
export async function attempt<Success extends object>(
  directory: Directory,
  options: InTransaction,
  work: (db: Executor) => Promise<Success>,
): Promise<Outcome<Success>> {
  try {
    return { ok: true, ...(await inOneTransaction(directory, options, work)) };
  } catch (error) {
    if (KnockError.is(error, "INVALID_INPUT")) return { ok: false, error };
    throw error;
  }
}
