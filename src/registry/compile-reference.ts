// Selectors that name values: one reference, several as a key, or what an event must match.
import type { Scalar } from "../definition/conditions.ts";
import { isRef, pathOf, type Ref } from "../definition/refs.ts";
import { record, type Selector } from "../definition/selector.ts";
import type { Key } from "../definition/steps/when.ts";
import { report, type CompileContext, type Place } from "./compile-context.ts";
import { unknownPath } from "./known-paths.ts";
import type { Awaited } from "./structure.ts";

/** What each selector is to return. */
const wanted: Record<string, string> = {
  until: "return data.<timestamp>",
  match: "return { <member of the event>: data.<member> }",
};
const REFERENCES = "return data.<member>, or several of them as a list";

function recorded<Result>(
  context: CompileContext,
  place: Place,
  name: string,
  selector: Selector<never, Result>,
): { result: Result } | null {
  if (typeof selector !== "function") {
    report(context, place, `${name} is not a selector`, `write ${name}: ({ data }) => data.…`);
    return null;
  }
  const found = record(selector);
  if (found.ok) return found;
  // The recorder's own advice is for conditions, and this selector names values.
  report(context, place, `${name}: ${found.problem}`, wanted[name] ?? REFERENCES);
  return null;
}

function knownPath(context: CompileContext, place: Place, name: string, reference: Ref<unknown>): string {
  const path = pathOf(reference);
  const problem = unknownPath(path.split("."), context.known);
  if (problem) report(context, place, `${name} reads ${problem}`, "correct the path, or add it to the schema");
  return path;
}

/** The path of the one reference that a selector returns; `null` after a problem. */
export function compileReference(
  context: CompileContext,
  place: Place,
  name: string,
  selector: Selector<never, Ref<unknown>>,
): string | null {
  const found = recorded(context, place, name, selector);
  if (!found) return null;
  if (isRef(found.result)) return knownPath(context, place, name, found.result);
  const fix = wanted[name] ?? "return data.<member>";
  report(context, place, `the selector of ${name} does not return a reference`, fix);
  return null;
}

/** The paths of a key; `null` when there is none. */
export function compileKey(
  context: CompileContext,
  place: Place,
  name: string,
  selector: Key<never> | undefined,
): string[] | null {
  if (selector === undefined) return null;
  const found = recorded(context, place, name, selector);
  if (!found) return null;
  const references: unknown[] = isRef(found.result) || !Array.isArray(found.result) ? [found.result] : found.result;
  if (references.length > 0 && references.every(isRef))
    return references.map((reference) => knownPath(context, place, name, reference));
  report(context, place, `the selector of ${name} does not return references`, REFERENCES);
  return null;
}

type Match = Extract<Awaited, { event: string }>["match"];

/** What an event must match: a path or a value for each member. */
export function compileMatch(
  context: CompileContext,
  place: Place,
  selector: Selector<never, Record<string, Ref<unknown> | Scalar>> | undefined,
): Match {
  if (selector === undefined) return {};
  const found = recorded(context, place, "match", selector);
  if (!found) return {};
  const members = typeof found.result === "object" && found.result !== null ? Object.entries(found.result) : [];
  const wrong = members.find(([, value]) => !isRef(value) && typeof value === "object" && value !== null);
  if (isRef(found.result) || members.length === 0 || wrong) {
    const message = "the selector of match does not return an object of references and values";
    report(context, place, message, wanted["match"]!);
    return {};
  }
  return Object.fromEntries(
    members.map(([member, value]) => [
      member,
      isRef(value) ? { path: knownPath(context, place, `match.${member}`, value) } : { value },
    ]),
  );
}
