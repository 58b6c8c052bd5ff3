// What a change of the environment's default preferences would mean for people, before it is made. The same pure
// decision that messages pass, once for all people with equal sets.
import { hash } from "node:crypto";
import { nextTurn } from "../../base/clock.ts";
import type { Issue } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import { tenantIdProblem } from "../../base/text.ts";
import type { Condition } from "../../definition/conditions.ts";
import { applyPreferenceChange } from "../../definition/merge-preference-sets.ts";
import { preferenceSetSchema, type ChannelTypeName, type PreferenceSet } from "../../definition/preference-set.ts";
import { findPreferenceSet } from "../../store/preference-sets.ts";
import { pagePreferenceGroups, type PreferenceGroup } from "../../store/reads/preference-groups.ts";
import type { EngineContext } from "../engine.ts";
import { compilePreferences, decidePreferences, type PreferenceQuestion } from "../preferences.ts";
import { invalid, type Outcome } from "./directory.ts";
import { channelQuestions, preferenceIssues } from "./preferences.ts";

/** The change to be tried. */
export interface ImpactQuestion {
  /** Entries of the environment's default set. */
  preferences: unknown;
  /** `MERGE` lays them over the present default, `REPLACE` puts them in its place. Default: `MERGE`. */
  mode?: "MERGE" | "REPLACE";
  /** For messages that belong to this tenant. Default: for messages that belong to none. */
  tenantId?: string | null;
}

/** Some people, and the first of them. */
export interface Affected {
  users: number;
  /** Ids, at most 10. */
  examples: string[];
}

/** What changes for one way of one workflow. */
export interface ChannelImpact {
  workflow: string;
  /** Key of the channel; `null` when none is configured. */
  channel: string | null;
  channelType: ChannelTypeName;
  /** They got it and would not any more. */
  stop: Affected;
  /** They did not get it and would. */
  start: Affected;
  /** It changes for them, and conditions of a preference decide: on the data of a call, or on who the person is. */
  depends: Affected;
}

/** What a change would mean. */
export interface PreferenceImpact {
  /** People that were looked at: all of them. */
  users: number;
  /** Those for whom anything stops, and those for whom anything starts. */
  stopping: number;
  starting: number;
  /** Workflows of which somebody would stop or start getting anything. */
  workflows: number;
  /** By workflow; what changes for nobody is left out. */
  channels: ChannelImpact[];
  /** Names in the change that mean nothing here, each in a sentence: probably mistyped. */
  warnings: string[];
}

/** People that one statement groups. */
const PAGE = 20_000;

const EXAMPLES = 10;

/** Decisions about equal sets that are kept, some 150 bytes each: equal sets come again on later pages. */
const REMEMBERED = 100_000;

/** Groups that are decided before other work of the process has its turn: some milliseconds. */
const AT_A_STRETCH = 25;

type Verdict = "on" | "off" | "depends";

/** One way of one workflow. */
interface Way {
  workflow: string;
  channel: string | null;
  channelType: ChannelTypeName;
  question: Omit<PreferenceQuestion, "scope" | "now">;
}

type Turn = "stop" | "start" | "depends" | null;

const always: Condition[] = [{ op: "all", of: [] }];
const never: Condition[] = [{ op: "any", of: [] }];

/** A set as it is, and if all its conditions held, or none. */
interface Read {
  plain: PreferenceSet | null;
  best: PreferenceSet | null;
  worst: PreferenceSet | null;
  conditional: boolean;
}

/** An entry may be called `conditions`, too; its value is no list. */
function read(set: PreferenceSet | null): Read {
  const text = JSON.stringify(set);
  const conditional = text.includes('"conditions":[');
  const assuming = (conditions: Condition[]) =>
    JSON.parse(text, (key, value: unknown) =>
      key === "conditions" && Array.isArray(value) ? conditions : value,
    ) as PreferenceSet | null;
  return {
    plain: set,
    best: conditional ? assuming(always) : set,
    worst: conditional ? assuming(never) : set,
    conditional,
  };
}

/** The sets that decide about one group of people. */
interface Sets {
  recipient: Read;
  recipientTenant: Read;
  tenant: Read;
  environment: Read;
}

/** What decides each way, as far as it is decided without conditions; and what applies, to tell two of them apart. */
function verdictsOf(sets: Sets, ways: readonly Way[], { hasTenant, now }: { hasTenant: boolean; now: Date }) {
  const { recipient, recipientTenant, tenant, environment } = sets;
  const compile = (kind: "plain" | "best" | "worst") =>
    compilePreferences(
      {
        recipient: recipient[kind],
        recipientTenant: recipientTenant[kind],
        tenant: tenant[kind],
        environment: environment[kind],
      },
      hasTenant,
    );
  const conditional = Object.values(sets).some((set: Read) => set.conditional);
  const [best, worst, plain] = [compile("best"), conditional ? compile("worst") : null, compile("plain")];
  return ways.map(({ question }): { verdict: Verdict; applies: string } => {
    const asked = { ...question, scope: {}, now };
    const { allowed } = decidePreferences(best, asked);
    if (!allowed || !worst) return { verdict: allowed ? "on" : "off", applies: "" };
    if (decidePreferences(worst, asked).allowed) return { verdict: "on", applies: "" };
    const { entries } = decidePreferences(plain, asked);
    return { verdict: "depends", applies: JSON.stringify(entries.map(({ entry, value }) => [entry, value])) };
  });
}

function turnsOf(before: ReturnType<typeof verdictsOf>, after: ReturnType<typeof verdictsOf>): Turn[] {
  return before.map((was, index) => {
    const is = after[index]!;
    if (was.verdict === is.verdict) return was.applies === is.applies ? null : "depends";
    if (was.verdict === "depends" || is.verdict === "depends") return "depends";
    return is.verdict === "off" ? "stop" : "start";
  });
}

const nobody = (): Affected => ({ users: 0, examples: [] });

function add(affected: Affected, { users, examples }: PreferenceGroup): void {
  affected.users += users;
  affected.examples.push(...examples.slice(0, EXAMPLES - affected.examples.length));
}

/** Adds up what changes, group by group. */
function tally(ways: readonly Way[]) {
  const channels = ways.map(({ workflow, channel, channelType }): ChannelImpact => ({
    workflow,
    channel,
    channelType,
    stop: nobody(),
    start: nobody(),
    depends: nobody(),
  }));
  const sums = { users: 0, stopping: 0, starting: 0 };
  return {
    count(group: PreferenceGroup, turns: readonly Turn[]): void {
      sums.users += group.users;
      if (turns.includes("stop")) sums.stopping += group.users;
      if (turns.includes("start")) sums.starting += group.users;
      for (const [index, turn] of turns.entries()) if (turn) add(channels[index]![turn], group);
    },
    result(): Omit<PreferenceImpact, "warnings"> {
      const changed = channels.filter(({ stop, start, depends }) => stop.users + start.users + depends.users > 0);
      const certain = changed.filter(({ stop, start }) => stop.users + start.users > 0);
      return { ...sums, workflows: new Set(certain.map(({ workflow }) => workflow)).size, channels: changed };
    },
  };
}

type Asking = Pick<EngineContext, "database" | "clock" | "registry" | "channels" | "preferences">;

const modes: readonly unknown[] = ["MERGE", "REPLACE"] satisfies ImpactQuestion["mode"][];

/** Everything wrong with a question but for its preferences. */
function questionIssues({ mode, tenantId }: Required<ImpactQuestion>): Issue[] {
  const problem = tenantId === null ? null : typeof tenantId === "string" ? tenantIdProblem(tenantId) : "must be text";
  return [
    ...(modes.includes(mode) ? [] : [{ path: ["mode"], message: "must be MERGE or REPLACE", code: "invalid_value" }]),
    ...(problem ? [{ path: ["tenantId"], message: `A tenant id ${problem}.`, code: "invalid_id" }] : []),
  ];
}

/** What turns for a group of people; equal sets are decided once. */
function turning(decide: (group: PreferenceGroup) => Turn[]) {
  const remembered = new Map<string, readonly Turn[]>();
  // Few answers differ, however many sets do.
  const answers = new Map<string, readonly Turn[]>();
  return (group: PreferenceGroup): readonly Turn[] => {
    const key = hash("sha256", JSON.stringify([group.recipient, group.recipientTenant]), "base64");
    const known = remembered.get(key);
    if (known) return known;
    const found = decide(group);
    if (remembered.size >= REMEMBERED) return found;
    const same = answers.get(found.join()) ?? found;
    answers.set(found.join(), same);
    remembered.set(key, same);
    return same;
  };
}

/**
 * Says who would stop or start getting which workflows if the environment's default preferences changed. Looks at
 * every user, in pages; changes nothing. Errors: `INVALID_INPUT` with the path of each problem.
 *
 * @example await preferenceImpact(context, { preferences: { categories: { marketing: { channelTypes: { email: false } } } } })
 */
export async function preferenceImpact(
  context: Asking,
  { preferences, mode = "MERGE", tenantId = null }: ImpactQuestion,
): Promise<Outcome<{ impact: PreferenceImpact }>> {
  const subject = "The preference set";
  const asked = questionIssues({ preferences, mode, tenantId });
  if (asked.length > 0) return invalid("The question", asked);
  const issues = preferenceIssues(preferences);
  if (issues.length > 0) return invalid(subject, issues);
  const change = preferenceSetSchema.parse(preferences);
  const environment = applyPreferenceChange(context.preferences, change, mode === "MERGE" ? "merge" : "replace");
  const excess = preferenceIssues(environment);
  if (excess.length > 0) return invalid(subject, excess);
  const ways = waysOf(context);
  const { db } = context.database;
  const tenant = read(tenantId === null ? null : await findPreferenceSet(db, { tenantId }));
  const situation = { hasTenant: tenantId !== null, now: context.clock.now() };
  const [present, future] = [read(context.preferences), read(environment)];
  const turns = turning((group) => {
    const sets = { recipient: read(group.recipient), recipientTenant: read(group.recipientTenant), tenant };
    const before = verdictsOf({ ...sets, environment: present }, ways, situation);
    return turnsOf(before, verdictsOf({ ...sets, environment: future }, ways, situation));
  });
  const sum = tally(ways);
  let after: string | null = null;
  do {
    const page = await pagePreferenceGroups(db, { tenantId, after, size: PAGE, examples: EXAMPLES });
    for (const [index, group] of page.groups.entries()) {
      sum.count(group, turns(group));
      if (index % AT_A_STRETCH === AT_A_STRETCH - 1) await nextTurn();
    }
    after = page.next;
  } while (after !== null);
  return { ok: true, impact: { ...sum.result(), warnings: unknownNames(change, context) } };
}

/** Workflows and categories of a set that the project does not have. */
function unknownNames({ workflows = {}, categories = {} }: PreferenceSet, { registry }: Asking): string[] {
  const known = [...registry().values()];
  const kinds = [
    { what: "workflow", named: Object.keys(workflows), there: known.map(({ key }) => key) },
    { what: "category", named: Object.keys(categories), there: known.flatMap(({ structure }) => structure.categories) },
  ];
  return kinds.flatMap(({ what, named, there }) =>
    named
      .filter((name) => !there.includes(name))
      .map((name) => {
        const meant = nearest(name, there);
        return `There is no ${what} "${name}"${meant === null ? "" : `; did you mean "${meant}"?`}`;
      }),
  );
}

/** Every way on which a workflow of the project reaches people; each once, by workflow. */
function waysOf({ registry, channels }: Asking): Way[] {
  const workflows = [...registry().values()].toSorted((one, other) => (one.key < other.key ? -1 : 1));
  return workflows.flatMap(({ key, structure }) => {
    const asked = channelQuestions(structure, channels).map(({ step, channel, question }) => ({
      workflow: key,
      channel,
      channelType: step.kind,
      question,
    }));
    return [...new Map(asked.map((way) => [`${way.channelType} ${way.channel}`, way])).values()];
  });
}
