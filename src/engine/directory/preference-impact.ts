// What a change of the environment's default preferences would mean for people, before it is made. The same pure
// decision that messages pass, once for all people with equal sets.
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
}

/** People that one statement groups. */
const PAGE = 20_000;

const EXAMPLES = 10;

/** Decisions about equal sets that are kept: people with sets like no other's are not worth remembering. */
const REMEMBERED = 10_000;

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

const hasConditions = (set: PreferenceSet | null): boolean => JSON.stringify(set).includes('"conditions":[');

/** The set if all its conditions held, or none. An entry may have that name, too; its value is no list. */
const assuming = (set: PreferenceSet | null, holds: boolean): PreferenceSet | null =>
  JSON.parse(JSON.stringify(set), (key, value: unknown) =>
    key === "conditions" && Array.isArray(value) ? (holds ? always : never) : value,
  ) as PreferenceSet | null;

/** The sets that decide about one group of people. */
interface Sets {
  recipient: PreferenceSet | null;
  recipientTenant: PreferenceSet | null;
  tenant: PreferenceSet | null;
  environment: PreferenceSet | null;
}

/** What decides each way, as far as it is decided without conditions; and what applies, to tell two of them apart. */
function verdictsOf(sets: Sets, ways: readonly Way[], { hasTenant, now }: { hasTenant: boolean; now: Date }) {
  const conditional = Object.values(sets).some(hasConditions);
  const compile = (holds: boolean) => {
    if (!conditional) return compilePreferences(sets, hasTenant);
    const [recipient, recipientTenant] = [assuming(sets.recipient, holds), assuming(sets.recipientTenant, holds)];
    const [tenant, environment] = [assuming(sets.tenant, holds), assuming(sets.environment, holds)];
    return compilePreferences({ recipient, recipientTenant, tenant, environment }, hasTenant);
  };
  const [best, worst] = [compile(true), conditional ? compile(false) : null];
  const plain = conditional ? compilePreferences(sets, hasTenant) : best;
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
    result(): PreferenceImpact {
      const changed = channels.filter(({ stop, start, depends }) => stop.users + start.users + depends.users > 0);
      const certain = changed.filter(({ stop, start }) => stop.users + start.users > 0);
      return { ...sums, workflows: new Set(certain.map(({ workflow }) => workflow)).size, channels: changed };
    },
  };
}

type Asking = Pick<EngineContext, "database" | "clock" | "registry" | "channels" | "preferences">;

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
  const issues = preferenceIssues(preferences);
  if (issues.length > 0) return invalid(subject, issues);
  const change = preferenceSetSchema.parse(preferences);
  const environment = applyPreferenceChange(context.preferences, change, mode === "MERGE" ? "merge" : "replace");
  const excess = preferenceIssues(environment);
  if (excess.length > 0) return invalid(subject, excess);
  const ways = waysOf(context);
  const { db } = context.database;
  const tenant = tenantId === null ? null : await findPreferenceSet(db, { tenantId });
  const situation = { hasTenant: tenantId !== null, now: context.clock.now() };
  const remembered = new Map<string, Turn[]>();
  const turns = ({ recipient, recipientTenant }: PreferenceGroup): Turn[] => {
    const key = JSON.stringify([recipient, recipientTenant]);
    const known = remembered.get(key);
    if (known) return known;
    const sets = { recipient, recipientTenant, tenant };
    const before = verdictsOf({ ...sets, environment: context.preferences }, ways, situation);
    const found = turnsOf(before, verdictsOf({ ...sets, environment }, ways, situation));
    if (remembered.size < REMEMBERED) remembered.set(key, found);
    return found;
  };
  const sum = tally(ways);
  let after: string | null = null;
  do {
    const page = await pagePreferenceGroups(db, { tenantId, after, size: PAGE, examples: EXAMPLES });
    for (const group of page.groups) sum.count(group, turns(group));
    after = page.next;
  } while (after !== null);
  return { ok: true, impact: sum.result() };
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
