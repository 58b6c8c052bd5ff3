// The world outside, as far as a simulation needs one: providers, people who look, events, other systems.
import type { Json } from "../../base/canonical-json.ts";
import { durationMs, type Duration } from "../../base/duration.ts";
import { messageOf } from "../../base/message-of.ts";
import { storedForm } from "../../base/stored-json.ts";
import { preview } from "../../definition/preview.ts";
import type { HttpClient } from "../../channels/network.ts";
import type { FetchStepDefinition, StepDefinition } from "../../definition/steps/index.ts";
import { sample } from "../../registry/json-schema.ts";
import type { Plan } from "../../registry/plan.ts";
import type { FetchStep, MessageMoment } from "../../registry/structure.ts";
import type { MessageStatus } from "../../store/schema/messages.ts";
import type { Reply } from "../../store/schema/runs.ts";
import { askingOf, callOf, type Asking } from "../fetch.ts";
import { makeCall } from "../fetch-call.ts";
import { matchText } from "../match-text.ts";
import { eventOf, MESSAGE_EVENTS, momentsOfStatus } from "../moments.ts";
import { assumedOf } from "./assumptions.ts";
import type { AssumedAnswer, AssumedEvent } from "./contract.ts";
import { loadRuns } from "./load.ts";
import { clockOf, type Stage, type StagedMessage, type StagedRun } from "./stage.ts";

/** Characters of an answer that are shown. */
const SHOWN = 120;

/** Gives a waiting run what came from outside, and lets it go on. */
function reply(stage: Stage, run: StagedRun, given: Reply): void {
  run.wait = null;
  run.state = storedForm({ ...run.state, reply: given });
  run.wakeAt = stage.now;
}

const STATUSES: readonly string[] = ["sent", "delivered", "bounced", "undelivered"] satisfies MessageStatus[];

/** What somebody has done who did this. */
const LOOKED: Partial<Record<MessageMoment, readonly MessageMoment[]>> = {
  seen: ["seen"],
  read: ["seen", "read"],
  interacted: ["seen", "read", "interacted"],
  clicked: ["clicked"],
  archived: ["archived"],
};

function happened(
  { runOfMessage }: Stage,
  message: StagedMessage,
  moments: readonly MessageMoment[],
): StagedRun | null {
  const run = runOfMessage.get(message.id)!;
  const { wait } = run;
  return wait?.match === message.id && moments.some((moment) => wait.event === eventOf(moment)) ? run : null;
}

/** Hands messages to providers, who take them unless something else is assumed. */
export function send(stage: Stage, messages: readonly StagedMessage[]): void {
  for (const message of messages) {
    const moment = assumedOf(stage.assume.messages, message.step);
    const status = moment !== undefined && STATUSES.includes(moment) ? (moment as MessageStatus) : "sent";
    const out = status === "sent" || status === "delivered";
    Object.assign(message, { status, sentAt: out ? stage.now : null });
    if (moment === undefined) stage.assumed.add("providers accept every message at once");
    const waiting = happened(stage, message, momentsOfStatus(status));
    if (waiting) reply(stage, waiting, { ok: true, value: {} });
  }
  stage.jobs.push({ kind: "look", messages });
}

/** Lets people look at messages that have arrived, as is assumed of their steps. */
export function look(stage: Stage, messages: readonly StagedMessage[]): void {
  for (const message of messages) {
    const moments = LOOKED[assumedOf(stage.assume.messages, message.step) ?? "sent"];
    if (!moments || (message.status !== "sent" && message.status !== "delivered")) continue;
    message.engagement = { ...message.engagement, ...Object.fromEntries(moments.map((moment) => [moment, true])) };
    const waiting = happened(stage, message, moments);
    if (waiting) reply(stage, waiting, { ok: true, value: {} });
  }
}

const matches = ({ wait }: StagedRun, { name, match }: AssumedEvent): boolean =>
  wait?.event === name && (match === undefined || matchText(match) === wait.match);

/** What is assumed of something that a run begins to wait for: an event that happens then, or that none does. */
export function assumeOf(stage: Stage, run: StagedRun): void {
  const { event } = run.wait!;
  const { events = [], messages } = stage.assume;
  const known = events.find((one) => one.after === undefined && matches(run, one));
  if (known) {
    stage.assumed.add(`"${event}" happens as soon as a run waits for it`);
    return reply(stage, run, { ok: true, value: known.data ?? {} });
  }
  if (!event.startsWith(MESSAGE_EVENTS)) {
    if (!events.some(({ name }) => name === event)) stage.assumed.add(`"${event}" does not happen`);
    return;
  }
  const message = stage.messages.get(run.wait!.match);
  if (message && assumedOf(messages, message.step) === undefined) stage.assumed.add(silence(message));
}

const silence = ({ step }: StagedMessage) => `nobody looks at "${step}"`;

const LOOKS = /steps\.([\w-]+)\.(?:seen|read|interacted|clicked|archived)/g;

const looked = new WeakMap<Plan, ReadonlySet<string>>();

/** Steps of whose messages a condition asks whether somebody has looked. */
function lookedAt(plan: Plan): ReadonlySet<string> {
  const known = looked.get(plan) ?? new Set([...JSON.stringify(plan.structure).matchAll(LOOKS)].map(([, ref]) => ref!));
  looked.set(plan, known);
  return known;
}

/** Nobody looks at a message, as far as a condition asks for that. */
export function assumeSilence({ assume, assumed }: Stage, { plan }: StagedRun, message: StagedMessage): void {
  if (assumedOf(assume.messages, message.step) === undefined && lookedAt(plan).has(message.step))
    assumed.add(silence(message));
}

/** Events with a moment of their own, in the order of time. */
export const momentsOf = ({ now, assume }: Pick<Stage, "now" | "assume">): { at: Date; event: AssumedEvent }[] =>
  (assume.events ?? [])
    .filter(({ after }) => after !== undefined)
    .map((event) => ({ at: new Date(now.getTime() + durationMs(event.after as Duration)), event }))
    .toSorted((one, other) => one.at.getTime() - other.at.getTime());

/** Lets the runs go on that wait for an event. */
export function signal(stage: Stage, event: AssumedEvent): void {
  for (const run of stage.runs.values())
    if (run.status === "waiting" && matches(run, event)) reply(stage, run, { ok: true, value: event.data ?? {} });
}

function waysInside(step: StepDefinition): readonly (readonly StepDefinition[])[] {
  switch (step.kind) {
    case "branch":
      return [...step.arms.map((arm) => arm.steps), step.otherwise ?? []];
    case "cohort":
      return step.cohorts.map(({ steps }) => steps);
    case "waitFor":
      return [step.timedOut ?? []];
    default:
      return [];
  }
}

function definitionOf(steps: readonly StepDefinition[], ref: string): FetchStepDefinition | null {
  for (const step of steps) {
    if (step.kind === "fetch" && step.ref === ref) return step;
    for (const way of waysInside(step)) {
      const found = definitionOf(way, ref);
      if (found) return found;
    }
  }
  return null;
}

/** What a call is answered with that nothing is assumed of: the author's example, else a sample of the schema. */
function exampleOf({ registry }: Stage, workflow: string, { ref, response }: FetchStep): Json {
  const definition = registry.get(workflow)?.definition;
  const steps = definition ? [...definition.steps, ...(definition.onFailure ?? [])] : [];
  return (definitionOf(steps, ref)?.settings.example as Json | undefined) ?? sample(response);
}

const clientOf = ({ status = 200, data = null }: AssumedAnswer): HttpClient => ({
  request: async () =>
    new Response(status === 204 || status === 205 || status === 304 ? null : JSON.stringify(data), { status }),
  close() {},
});

/** A call that is made to nobody: checked, answered and parsed like a real one. `null` when the step finds its content gone. */
async function assumedReply(stage: Stage, asking: Asking): Promise<Reply | null> {
  const { step, input } = asking;
  const { workflow } = input.notification;
  const given = assumedOf(stage.assume.fetch, step.ref);
  const clock = clockOf(stage);
  try {
    const call = callOf(asking);
    if (!call) return null;
    if (given) return await makeCall(call, { client: clientOf(given), clock });
    const data = exampleOf(stage, workflow, step);
    stage.assumed.add(`the call "${step.ref}" of ${workflow} is answered with ${preview(data, SHOWN)}`);
    const made = await makeCall(call, { client: clientOf({ data }), clock });
    // A sample fits in type alone; what the call itself is wrong in stays wrong.
    const unfit = !made.ok && made.problem.startsWith("the answer");
    return unfit ? { ok: true, value: { status: 200, data } } : made;
  } catch (thrown) {
    return { ok: false, problem: messageOf(thrown), final: false };
  }
}

/** Answers the calls of runs. */
export async function answerCalls(stage: Stage, runs: readonly StagedRun[]): Promise<void> {
  const waiting = runs.filter(({ status, state }) => status === "waiting" && state.waited && !state.reply);
  for (const { run, input, world } of await loadRuns(stage, waiting)) {
    const [asking] = askingOf({ input, world, versionId: "", wakeAt: run.wakeAt });
    const given = asking && (await assumedReply(stage, asking));
    if (given) reply(stage, run, given);
  }
}
