// What `knock explain` prints as JSON, whichever way it asked. Times are ISO 8601.
import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { Explained } from "../engine/explain/explain.ts";
import type { ExplainedReach, ExplainedStep, Explanation } from "../engine/explain/explanation.ts";
import { explanationText } from "../engine/explain/text.ts";

/** The same, as JSON has it. */
export type Wire<Value> = Value extends Date
  ? string
  : Value extends object
    ? { [Key in keyof Value]: Wire<Value[Key]> }
    : Value;

/** What became of one notification for one person. */
export interface ToldExplanation {
  userId: string;
  notification: Wire<
    Pick<Explanation["notification"], "id" | "workflow" | "createdAt" | "cancelledAt" | "actorId" | "tenantId">
  > & {
    version: number | null;
    /** `id` is that of the run or the schedule; `null` for a call. */
    source: { kind: string; id: string | null };
    warnings: string[];
  };
  reach: Wire<ExplainedReach>;
  run: Wire<Explanation["run"]>;
  steps: Wire<ExplainedStep>[];
  /** In plain words, a paragraph for each thing to know. */
  text: string[];
}

/** What was found out. */
export interface ToldExplanations {
  explanations: ToldExplanation[];
  /** There are more than are told. */
  more: boolean;
  /** Why there is none. */
  reason: string | null;
}

/** A value as JSON has it. */
export const wire = <Value>(value: Value): Wire<Value> => JSON.parse(JSON.stringify(value)) as Wire<Value>;

function toldOf(explanation: Explanation): ToldExplanation {
  const { notification, ...others } = explanation;
  const { source, ...known } = notification;
  const from = { kind: source?.kind ?? "call", id: source?.id ?? null };
  return { ...wire({ ...others, notification: { ...known, source: from } }), text: explanationText(explanation) };
}

/** What the engine found out, as JSON. */
export const toldLocally = ({ explanations, more, reason }: Explained): ToldExplanations => ({
  explanations: explanations.map(toldOf),
  more,
  reason,
});

const MESSAGE = `id step channel channelType status reason address providerMessageId createdAt scheduledAt nextAttemptAt
  sentAt deliveredAt seenAt readAt interactedAt clickedAt archivedAt
  attempts { number provider outcome statusCode reason startedAt finishedAt }`;

/** What to ask a server for. */
export const EXPLAINED = `... on ExplainSuccess { more reason explanations {
  userId version text
  notification { id workflow createdAt cancelledAt actorId tenantId source { kind id } warnings { message } }
  reach { recipient code reason list membership memberships { list asked joinedAt leftAt properties } }
  run { id status createdAt finishedAt wakeAt }
  steps {
    ref kind outcome code reason values at until
    preferences { layer entry allowed }
    batch { id count openedAt closesAt closedAt left carrier { runId own notificationId status messages { ${MESSAGE} } } }
    message { ${MESSAGE} }
  } } } ... on UnknownWorkflowError { nearest }`;

/** `NOT_SENT` as `not_sent`, `IN_APP` as `inApp`: the words of GraphQL's enums in those of the engine. */
function wordOf(name: string, value: Json): Json {
  if (typeof value !== "string" || value !== value.toUpperCase()) return value;
  if (name === "channelType" || name === "layer")
    return value.toLowerCase().replaceAll(/_(\w)/g, (_part, letter: string) => letter.toUpperCase());
  return name === "status" || name === "outcome" || name === "kind" ? value.toLowerCase() : value;
}

/** Members whose value is other people's, and stays as it is. */
const FOREIGN = new Set(["values", "membership", "properties", "content", "to"]);

/** An answer of the API in the words of the engine. */
export function inOwnWords(value: Json, name = ""): Json {
  if (FOREIGN.has(name)) return value;
  if (Array.isArray(value)) return value.map((each) => inOwnWords(each));
  if (typeof value !== "object" || value === null) return wordOf(name, value);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, inOwnWords(member, key)]));
}

type Answered = Omit<ToldExplanation, "text" | "notification"> & {
  version: number | null;
  text: string;
  notification: Omit<ToldExplanation["notification"], "warnings" | "version"> & { warnings: { message: string }[] };
};

/** What a server answered, in the same form. */
export function toldRemotely(result: JsonObject): ToldExplanations {
  const { explanations, more, reason } = inOwnWords(result) as unknown as Omit<ToldExplanations, "explanations"> & {
    explanations: Answered[];
  };
  return {
    explanations: explanations.map(({ version, text, notification, ...others }) => ({
      ...others,
      notification: { ...notification, version, warnings: notification.warnings.map(({ message }) => message) },
      text: text.split("\n"),
    })),
    more,
    reason,
  };
}
