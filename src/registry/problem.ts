import type { CallSite } from "../definition/call-site.ts";

/** Something in the project's files that has to be changed, with the place and the change. */
export interface Problem {
  /** Key of the workflow; `null` when the problem is not of one workflow. */
  workflow: string | null;
  /** Ref of the step, when it is of one step. */
  step: string | null;
  /** What is wrong, as a sentence without the place. */
  message: string;
  /** What to change. */
  fix: string;
  site: CallSite | null;
}

/** A problem in one line: place, subject, what is wrong, what to change. */
export function describeProblem({ workflow, step, message, fix, site }: Problem): string {
  const place = site ? `${site.file}:${site.line}  ` : "";
  const subject = [workflow, step].filter((part) => part !== null).join(" › ");
  return `${place}${subject ? `${subject}: ` : ""}${message} (${fix})`;
}
