// What differs between the settings of two steps of the same ref and kind. A setting that nobody wrote words for is told
// as JSON, so none is ever silent.
import { canonicalJson, type Json, type JsonObject } from "../../base/canonical-json.ts";
import { formatDuration } from "../../base/duration.ts";
import type { Condition } from "../../definition/conditions.ts";
import { describeCondition } from "../../definition/describe-condition.ts";
import type { SlotStructure, Step } from "../structure.ts";
import { isObject } from "./schema-shapes.ts";
import { schemaChanges } from "./schema.ts";
import { awaitedWords, retryWords, sendWindowWords, slotText, spanWords, waitWords } from "./step-words.ts";
import { shortened } from "./words.ts";

/** Any value of a setting, with the words for it. */
type Words = (value: never) => string;

const orElse =
  (words: Words, nothing: string): Words =>
  (value) =>
    value === null || value === undefined ? nothing : words(value);

const words: Record<string, Words> = {
  wait: waitWords as Words,
  window: spanWords as Words,
  timeout: ((value: number | Parameters<typeof spanWords>[0]) =>
    typeof value === "number" ? formatDuration(value) : spanWords(value)) as Words,
  key: orElse(((paths: string[]) => paths.join(", ")) as Words, "none"),
  by: orElse(((paths: string[]) => paths.join(", ")) as Words, "the recipient"),
  sliding: orElse((({ limit }: { limit: number }) => `at most ${formatDuration(limit)}`) as Words, "no"),
  maxItems: orElse(String as Words, "none"),
  flushLeading: ((value: boolean) => (value ? "yes" : "no")) as Words,
  channel: orElse(String as Words, "the only one"),
  sendWindow: orElse(sendWindowWords as Words, "always"),
  retry: orElse(retryWords as Words, "as usual"),
  on: awaitedWords as Words,
  description: orElse(JSON.stringify as Words, "none"),
  categories: ((value: string[]) => value.join(", ") || "none") as Words,
  onInvalidData: orElse(String as Words, "by the config"),
  order: String as Words,
  take: String as Words,
  limit: String as Words,
  onBreach: String as Words,
  onMatch: String as Words,
  onTimeout: String as Words,
  method: String as Words,
  workflow: String as Words,
};

/** What the words begin with, where that is not the name of the setting. */
const labels: Record<string, string> = { wait: "", on: "for " };

/** `when recipient.plan is "pro" (was always)`. */
export function whenText(before: Condition | null, after: Condition | null): string {
  const said = (condition: Condition | null) =>
    condition === null ? "always" : `when ${describeCondition(condition)}`;
  return `${said(after)} (was ${said(before)})`;
}

/** `label old → new`; without a word for one of them it is told as JSON. */
export function settingText(name: string, before: Json | undefined, after: Json | undefined): string {
  const word: Words = words[name] ?? ((value: Json) => canonicalJson(value ?? null));
  const [old, now] = [word(before as never), word(after as never)];
  const differ = old === now ? [canonicalJson(before), canonicalJson(after)] : [old, now];
  const [from, to] = shortened(differ[0]!, differ[1]!);
  // `for 1h → 2h`, not `for 1h → for 2h`.
  const same = name === "wait" && to.startsWith("for ") && from.startsWith("for ");
  return `${labels[name] ?? `${name} `}${from} → ${same ? to.slice("for ".length) : to}`;
}

function slotTexts(before: Record<string, SlotStructure>, after: Record<string, SlotStructure>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (canonicalJson(old ?? null) === canonicalJson(now ?? null)) return [];
    if (now === undefined) return [`${name} removed`];
    if (old === undefined) return [`${name} added: ${shortened("", slotText(now))[1]}`];
    return [`${name} ${shortened(slotText(old), slotText(now)).join(" → ")}`];
  });
}

/** A schema of what parsing gives says of every object that nothing else is in it. */
function open(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(open);
  if (!isObject(schema)) return schema;
  const members = Object.entries(schema).filter(([name, value]) => name !== "additionalProperties" || value !== false);
  return Object.fromEntries(members.map(([name, value]) => [name, open(value)]));
}

const answerTexts = (before: JsonObject, after: JsonObject): string[] =>
  schemaChanges(open(before) as JsonObject, open(after) as JsonObject, "answer").map(
    ({ path, text }) => `${path}: ${text}`,
  );

interface Way {
  name: string;
  /** Condition or weight. */
  by: Json;
}

const wayWords = (by: Json): string =>
  isObject(by) ? `when ${describeCondition(by as unknown as Condition)}` : `weight ${canonicalJson(by)}`;

/** Arms and cohorts; their steps are compared as steps. */
function wayTexts(before: readonly Way[], after: readonly Way[]): string[] {
  const old = new Map(before.map(({ name, by }) => [name, by]));
  const now = new Map(after.map(({ name, by }) => [name, by]));
  const changed = after.flatMap(({ name, by }) => {
    const was = old.get(name);
    if (was === undefined) return [`${name} added, ${wayWords(by)}`];
    return canonicalJson(was) === canonicalJson(by) ? [] : [`${name} ${wayWords(by)} (was ${wayWords(was)})`];
  });
  const removed = [...old.keys()].filter((name) => !now.has(name)).map((name) => `${name} removed`);
  const order = (ways: ReadonlyMap<string, Json>, others: ReadonlyMap<string, Json>) =>
    [...ways.keys()].filter((name) => others.has(name)).join(", ");
  const [was, is] = [order(old, now), order(now, old)];
  return [...changed, ...removed, ...(was === is ? [] : [`in the order ${is} (was ${was})`])];
}

const ways = (step: Step): Way[] => {
  if (step.kind === "branch") return step.arms.map(({ name, when }) => ({ name, by: when as unknown as Json }));
  return step.kind === "cohort" ? step.cohorts.map(({ name, weight }) => ({ name, by: weight })) : [];
};

const optionalWay = (name: string, before: unknown, after: unknown): string[] => {
  if ((before === null) === (after === null)) return [];
  return [after === null ? `${name} removed` : `${name} added`];
};

/** The settings that other words than `name old → new` are for. */
function memberTexts(name: string, before: Step, after: Step): string[] {
  const [old, now] = [before, after].map((step) => (step as unknown as JsonObject)[name]);
  if (name === "arms" || name === "cohorts") return wayTexts(ways(before), ways(after));
  if (name === "otherwise" || name === "timedOut") return optionalWay(name, old, now);
  if (canonicalJson(old ?? null) === canonicalJson(now ?? null)) return [];
  if (name === "when") return [whenText(old as never, now as never)];
  if (name === "slots") return slotTexts(old as never, now as never);
  if (name === "response") return answerTexts(old as JsonObject, now as JsonObject);
  return [settingText(name, old, now)];
}

/** What differs between two steps of one kind but for the steps inside them, a text for each thing. */
export function stepTexts(before: Step, after: Step): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  names.delete("ref");
  names.delete("kind");
  return [...names].flatMap((name) => memberTexts(name, before, after));
}
