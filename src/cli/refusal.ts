// Expected failures, whoever refused: this process or a server that it called.
import type { KnockError } from "../base/errors.ts";

/** Why something was refused, whoever refused it. */
export interface Refusal {
  code: string;
  message: string;
  hint: string;
  /** Where and what, for each thing that is wrong. */
  issues: { path: (string | number)[]; message: string }[];
}

/** What came of a call. */
export type Answer<Success> = { ok: true; value: Success } | { ok: false; refusal: Refusal };

/** A refusal from an expected failure of ours. */
export const refusalOf = ({ code, message, hint, details }: KnockError): Refusal => ({
  code,
  message,
  hint,
  issues:
    typeof details === "object" && details !== null && "issues" in details ? (details.issues as Refusal["issues"]) : [],
});

/** An expected failure that ends a command. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = "Refused";
    this.refusal = refusal;
  }
}

/** The value of an answer, or the end of the command. */
export function accepted<Success>(answer: Answer<Success>): Success {
  if (answer.ok) return answer.value;
  throw new Refused(answer.refusal);
}
