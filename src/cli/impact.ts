// The dry run of a change of preferences, as a server tells it and as people read it.
import type { JsonObject } from "../base/canonical-json.ts";
import type { Affected, ChannelImpact, PreferenceImpact } from "../engine/directory/preference-impact.ts";
import { count, plural, type Paint } from "./terminal.ts";

const AFFECTED = "{ users examples }";

/** What to ask a server for. */
export const IMPACT = `... on PreferenceImpact { users stopping starting workflows warnings
  channels { workflow channel channelType stop ${AFFECTED} start ${AFFECTED} depends ${AFFECTED} } }`;

/** `IN_APP` as `inApp`. */
const typeOf = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/_(\w)/g, (_part, letter: string) => letter.toUpperCase()) as ChannelImpact["channelType"];

/** The answer of a server. */
export function impactRemotely(result: JsonObject): PreferenceImpact {
  const { users, stopping, starting, workflows, channels, warnings } = result as unknown as PreferenceImpact;
  const named = channels.map((channel) => ({ ...channel, channelType: typeOf(channel.channelType) }));
  return { users, stopping, starting, workflows, channels: named, warnings };
}

/** Ids that a line shows. */
const SHOWN = 3;

const people = ({ users, examples }: Affected): string => {
  const shown = examples.slice(0, SHOWN).join(", ");
  return `${count(users)} (${shown}${users > SHOWN ? ", …" : ""})`;
};

function channelLines({ workflow, channel, channelType, stop, start, depends }: ChannelImpact, paint: Paint): string[] {
  const way = channel === null || channel === channelType ? channelType : `${channelType} "${channel}"`;
  return [
    `  ${paint.bold(workflow)} by ${way}`,
    ...(stop.users > 0 ? [`    ${paint.red("-")} would stop for ${people(stop)}`] : []),
    ...(start.users > 0 ? [`    ${paint.green("+")} would start for ${people(start)}`] : []),
    ...(depends.users > 0 ? [`    ${paint.yellow("?")} conditions would decide for ${people(depends)}`] : []),
  ];
}

/** What would change, for people. */
export function impactLines(impact: PreferenceImpact, paint: Paint): string[] {
  return [...impact.warnings.map((warning) => `${paint.yellow("!")} ${warning}`), ...changeLines(impact, paint)];
}

function changeLines({ users, stopping, starting, workflows, channels }: PreferenceImpact, paint: Paint): string[] {
  const looked = `${plural(users, "user")} looked at`;
  if (channels.length === 0) return [`${paint.green("✓")} nothing would change for anybody: ${looked}`];
  const sum = [
    ...(stopping > 0 ? [`${count(stopping)} would stop getting something`] : []),
    ...(starting > 0 ? [`${count(starting)} would start getting something`] : []),
  ];
  const certain = sum.length > 0 ? `${sum.join(", ")}, of ${plural(workflows, "workflow")}` : "conditions would decide";
  return [...channels.flatMap((channel) => channelLines(channel, paint)), "", `${certain} (${looked})`];
}
