import { KnockError } from "../../base/errors.ts";

/** A failure that is an answer, as far as it was asked for. */
export interface RefusedAnswer {
  message?: string;
  issues?: { path: string; message: string; code: string }[];
}

/** The error that an answer is. */
export function refusalIn({ message = "", issues = [] }: RefusedAnswer, subject: string): KnockError {
  const told = issues.map((issue) => ({ ...issue, path: issue.path.split(".") }));
  return new KnockError("INVALID_INPUT", {
    issues: told.length > 0 ? told : [{ path: [], message, code: "custom" }],
    subject,
  });
}
