import { type Issue, KnockError } from "../base/errors.ts";
import { findUnstorable } from "../base/text.ts";

type Path = Issue["path"];

/** Throws `INVALID_INPUT` when something is wrong; `subject` begins the sentence. The first issue of each path counts. */
export function refuse(subject: string, issues: (Issue | null)[]): void {
  const byPath = new Map<string, Issue>();
  for (const issue of issues) {
    if (!issue) continue;
    const path = JSON.stringify(issue.path);
    if (!byPath.has(path)) byPath.set(path, issue);
  }
  if (byPath.size > 0) throw new KnockError("INVALID_INPUT", { subject, issues: [...byPath.values()] });
}

/** An issue about an id or a name, from the check in base/text.ts. */
export function idIssue(path: Path, what: string, problem: string | null): Issue | null {
  return problem === null ? null : { path, message: `${what} ${problem}.`, code: "invalid_id" };
}

/** An issue about text inside a value that PostgreSQL cannot hold. */
export function textIssue(path: Path, value: unknown): Issue | null {
  const found = findUnstorable(value);
  if (!found) return null;
  return {
    path: [...path, ...found],
    message: "A text holds a character that cannot be stored.",
    code: "invalid_text",
  };
}

/** An issue about a list with more entries than one call may carry. */
export function countIssue(path: Path, count: number, most: number): Issue | null {
  if (count <= most) return null;
  return { path, message: `There are ${count} entries; one call carries at most ${most}.`, code: "too_big" };
}

/** Drops ids that cannot be in the database, so that asking for one finds nothing instead of failing. */
export const storable = (ids: Iterable<string>): string[] =>
  [...new Set(ids)].filter((id) => findUnstorable(id) === null);
