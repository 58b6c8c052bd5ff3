// A selector decides: it receives references and returns data. It runs once, when the workflow is
// compiled, so anything that would decide at that moment instead of at run time is refused.
import { messageOf } from "../base/message-of.ts";
import { isRef, pathOf, recordingRefs, type Refs } from "./refs.ts";

/** A function from references to data. There is nothing to decide by links. */
export type Selector<Scope, Result> = (refs: Refs<Omit<Scope, "links">>) => Result;

/** What a selector returned, or why it cannot be recorded. */
export type Recorded<Result> = { ok: true; result: Result } | { ok: false; problem: string; fix: string };

const SHORT_CIRCUIT = /&&|\|\||\?\?|\?(?![.?])/;
const QUOTED = /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`/g;

/** The references that occur in the returned data: as refs, or as the `ref` members of conditions. */
function used(value: unknown, found: Set<string>): Set<string> {
  if (isRef(value)) found.add(pathOf(value));
  else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      if (key === "ref" && typeof member === "string") found.add(member);
      else used(member, found);
    }
  }
  return found;
}

/**
 * Runs a selector against recording references. Refused: `&&`, `||`, `??` and `?:` (a recorder sees
 * one side only), a reference that was read and not used, and anything thrown.
 */
export function record<Scope, Result>(selector: Selector<Scope, Result>): Recorded<Result> {
  const operator = SHORT_CIRCUIT.exec(selector.toString().replaceAll(QUOTED, ""))?.[0];
  if (operator) {
    const replacement =
      operator === "||" || operator === "??" ? "any(…)" : operator === "?" ? "a branch step" : "all(…)";
    return {
      ok: false,
      problem: `the selector uses "${operator === "?" ? "? :" : operator}", which decides when the file loads`,
      fix: `use ${replacement} instead`,
    };
  }
  const read = new Set<string>();
  let result: Result;
  try {
    result = selector(recordingRefs<Scope>((path) => read.add(path)));
  } catch (thrown) {
    return {
      ok: false,
      problem: `the selector throws: ${messageOf(thrown)}`,
      fix: "a selector receives references; return conditions built with eq(), all(), not() …",
    };
  }
  const kept = used(result, new Set());
  const longer = [...read, ...kept];
  const dropped = [...read].find((path) => !kept.has(path) && !longer.some((other) => other.startsWith(`${path}.`)));
  if (dropped) {
    return {
      ok: false,
      problem: `the selector reads ${dropped} but its result does not use it`,
      fix: "combine conditions with all(), any() and not(); code that needs values belongs in code(label, …)",
    };
  }
  return { ok: true, result };
}
