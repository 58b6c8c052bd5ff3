import type { z } from "zod";
import { KnockError } from "../base/errors.ts";
import { envReferences } from "./env.ts";
import { scrubber } from "./redaction.ts";

interface Optioned<Schema extends z.ZodType<object>> {
  key: string;
  options: Schema;
}

type Path = readonly PropertyKey[];

const beginsWith = (path: Path, start: Path) => start.every((part, index) => String(part) === String(path[index]));

/** Whether an issue may be due to a reference that is not resolved yet: at it, below it, or in a union around it. */
const mayComeFrom = ({ path, code }: z.core.$ZodIssue, reference: Path) =>
  beginsWith(path, reference) || (code === "invalid_union" && beginsWith(reference, path));

/**
 * The options as the schema parses them, or `null` when they hold environment references: those are
 * checked once resolved, all else is checked now.
 *
 * @throws KnockError INVALID_CONFIG naming every wrong option, never repeating a value.
 */
export function checkOptions<Schema extends z.ZodType<object>>(
  { key, options: schema }: Optioned<Schema>,
  given: object,
): z.output<Schema> | null {
  const references = envReferences(given);
  const result = schema.safeParse(given);
  if (result.success) return references.length > 0 ? null : { ...result.data };
  const known = result.error.issues.filter((issue) => !references.some(({ path }) => mayComeFrom(issue, path)));
  if (known.length === 0) return null;
  throw refusal(key, known, given);
}

function refusal(key: string, issues: z.core.$ZodIssue[], given: object): KnockError<"INVALID_CONFIG"> {
  // A schema's own messages may quote the value.
  const scrub = scrubber(given, []);
  const problems = issues.map(({ path, message }) =>
    path.length === 0 ? scrub(message) : `option "${path.join(".")}": ${scrub(message)}`,
  );
  return new KnockError("INVALID_CONFIG", {
    problem: `provider "${key}", ${problems.join("; ")}`,
    fix: `Correct the options of provider "${key}" in knock.config.ts.`,
  });
}
