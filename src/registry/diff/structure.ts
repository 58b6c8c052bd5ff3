// How one structure differs from another, step by step, in words.
import { canonicalJson, type Json, type JsonObject } from "../../base/canonical-json.ts";
import type { Condition } from "../../definition/conditions.ts";
import type { Step, Structure } from "../structure.ts";
import { settingText, stepTexts, whenText } from "./step-changes.ts";
import { laidOut, movedRefs, type Placed } from "./step-places.ts";
import { describeStep } from "./step-words.ts";

export { describeStep } from "./step-words.ts";

/** One difference between two structures: of a step, or of the workflow itself. */
export interface StructureChange {
  /** Added, removed, changed, moved. One that moved and changed is `~`. */
  mark: "+" | "-" | "~" | ">";
  /** Ref of the step; `null` for a setting of the workflow. */
  ref: string | null;
  /** Kind of the step (of an added or changed one the new kind); `null` for a setting. */
  kind: string | null;
  /** In words: `for 1h → 2h`. One text for each thing that differs. */
  texts: string[];
}

const yesNo = (name: string, now: boolean): string => (now ? `now ${name}` : `no longer ${name}`);

function workflowText(name: string, before: Json | undefined, after: Json | undefined): string {
  if (name === "when") return whenText(before as Condition | null, after as Condition | null);
  if (name === "required" || name === "commercial") return yesNo(name, after === true);
  if (name === "onFailure") return after === null ? "onFailure removed" : "onFailure added";
  return settingText(name, before, after);
}

/** Settings of the workflow; data and steps are told elsewhere. */
function settingTexts(before: Structure, after: Structure): string[] {
  const [old, now] = [before, after].map(({ data: _data, steps: _steps, ...settings }) => ({
    ...settings,
    // Whether there is anything to do after a failure: what it is, its steps say.
    onFailure: settings.onFailure === null ? null : [],
  })) as unknown as [JsonObject, JsonObject];
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...names]
    .filter((name) => canonicalJson(old[name] ?? null) !== canonicalJson(now[name] ?? null))
    .map((name) => workflowText(name, old[name], now[name]));
}

function addedTexts({ step, way }: Placed): string[] {
  return [describeStep(step), ...(way === "" ? [] : [`in ${way}`])];
}

function movedText(placed: Placed, before: Placed): string {
  const place = placed.previous === null ? "to the start" : `behind ${placed.previous}`;
  if (placed.way === before.way) return `moved ${place}`;
  return `moved ${placed.way === "" ? "out" : `into ${placed.way}`}${placed.previous === null ? "" : `, ${place}`}`;
}

function changeOf(before: Placed, after: Placed, hasMoved: boolean): StructureChange | null {
  const { ref, kind } = after.step;
  const moved = hasMoved ? [movedText(after, before)] : [];
  if (before.step.kind !== kind)
    return { mark: "~", ref, kind, texts: [`${before.step.kind} → ${describeStep(after.step)}`, ...moved] };
  const texts = [...stepTexts(before.step, after.step), ...moved];
  if (texts.length === 0) return null;
  return { mark: hasMoved && texts.length === 1 ? ">" : "~", ref, kind, texts };
}

/** Refs in the order in which they are shown: as they are now, and each removed one where it stood. */
function shownOrder(before: ReadonlyMap<string, Placed>, after: ReadonlyMap<string, Placed>): string[] {
  const behind = new Map<string | null, string[]>();
  let last: string | null = null;
  for (const ref of before.keys()) {
    if (after.has(ref)) last = ref;
    else behind.set(last, [...(behind.get(last) ?? []), ref]);
  }
  return [...(behind.get(null) ?? []), ...[...after.keys()].flatMap((ref) => [ref, ...(behind.get(ref) ?? [])])];
}

const isRemoved = ({ kind, ref }: Step): StructureChange => ({ mark: "-", ref, kind, texts: ["removed"] });

/**
 * Every difference between two structures but for their data schemas: settings of the workflow, then steps in their
 * order. Equal structures give none; what differs in anything gives at least one.
 */
export function structureChanges(before: Structure, after: Structure): StructureChange[] {
  const [olds, nows] = [laidOut(before), laidOut(after)];
  const moved = movedRefs(olds, nows);
  const texts = settingTexts(before, after);
  const settings: StructureChange[] = texts.length > 0 ? [{ mark: "~", ref: null, kind: null, texts }] : [];
  const steps = shownOrder(olds, nows).flatMap((ref): StructureChange[] => {
    const [old, now] = [olds.get(ref), nows.get(ref)];
    if (!now) return old ? [isRemoved(old.step)] : [];
    if (!old) return [{ mark: "+", ref, kind: now.step.kind, texts: addedTexts(now) }];
    const found = changeOf(old, now, moved.has(ref));
    return found ? [found] : [];
  });
  return [...settings, ...steps];
}
