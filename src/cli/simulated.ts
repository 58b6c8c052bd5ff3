// What `knock simulate` prints as JSON, whichever way it asked. Times are ISO 8601.
import type { JsonObject } from "../base/canonical-json.ts";
import type { Course, CourseStep, Simulation } from "../engine/simulate/contract.ts";
import { inOwnWords, wire, type Wire } from "./explained.ts";

/** What a call would lead to. */
export interface ToldSimulation extends Wire<Omit<Simulation, "courses" | "warnings">> {
  warnings: { code: string; message: string }[];
  runs: (Omit<Wire<Omit<Course, "runId" | "notificationId">>, "steps"> & { steps: ToldStep[] })[];
}

/** One decision; members that there are not are `null`. */
interface ToldStep {
  ref: string;
  kind: string;
  outcome: CourseStep["outcome"];
  code: string | null;
  reason: string | null;
  values: Record<string, unknown> | null;
  at: string;
}

const toldStep = (step: CourseStep): Omit<ToldStep, "at"> & { at: Date } => {
  const { ref, kind, outcome, code, reason, values, at } = step;
  return { ref, kind, outcome, code: code ?? null, reason: reason ?? null, values: values ?? null, at };
};

/** What the engine found out, as JSON. */
export function simulatedLocally({ courses, warnings, ...simulation }: Simulation): ToldSimulation {
  const runs = courses.map(({ runId: _run, notificationId: _notification, steps, messages, ...course }) => ({
    ...course,
    steps: steps.map(toldStep),
    messages: messages.map(({ id: _id, ...message }) => message),
  }));
  const told = { ...simulation, runs, warnings: warnings.map(({ code, message }) => ({ code, message })) };
  return wire(told) as unknown as ToldSimulation;
}

/** What to ask a server for. */
export const SIMULATED = `... on SimulateSuccess { simulation {
  at workflow total simulated assumed omitted text warnings { code message }
  runs {
    recipientId workflow via list existing status wakeAt failure { step reason }
    steps { ref kind outcome code reason values at }
    messages { step channel channelType to content status at scheduledAt sentAt } } } }
  ... on InvalidDataError { issues { path message } }`;

/** What a server answered, in the same form. */
export const simulatedRemotely = ({ simulation }: JsonObject): ToldSimulation =>
  inOwnWords(simulation!) as unknown as ToldSimulation;
