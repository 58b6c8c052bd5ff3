// What steps ask for, answered in memory.
import { storedForm } from "../../base/stored-json.ts";
import type { KnockError } from "../../base/errors.ts";
import { messageStates } from "../../store/messages.ts";
import { throttleWindows } from "../../store/reads/simulation.ts";
import type { ThrottleCount } from "../../store/throttles.ts";
import { acceptanceOf, jobsFor, refusal } from "../notify/accept.ts";
import { withSubscribers } from "../notify/subscribers.ts";
import { preparedFor, type NotMade } from "../notify/from-steps.ts";
import type { Prepared } from "../notify/prepare.ts";
import { answerByKind } from "../requests.ts";
import type { Answer, Request } from "../run.ts";
import { countWith, textOf } from "../throttles.ts";
import { closeInMemory, joinInMemory } from "./batches.ts";
import { takeIn } from "./take-in.ts";
import { clockOf, type Stage, type StagedJob } from "./stage.ts";

type Of<Kind extends Request["kind"]> = Extract<Request, { kind: Kind }>;

/** Adds to windows as the database does, on top of those that are open in reality. */
async function countInMemory({ tx, throttles, now }: Stage, added: readonly ThrottleCount[]): Promise<ThrottleCount[]> {
  const missing = added.filter((window) => !throttles.has(textOf(window)));
  if (missing.length > 0) for (const row of await throttleWindows(tx, missing)) throttles.set(textOf(row), row);
  return added.map((window) => {
    const open = throttles.get(textOf(window));
    const counted = open && open.endsAt > now ? { ...open, count: open.count + window.count } : { ...window };
    throttles.set(textOf(window), counted);
    return counted;
  });
}

/** The run that carries a batch which exists in reality goes on with what the simulation puts into it. */
async function joinAndTakeIn(stage: Stage, requests: readonly Of<"joinBatch">[]): Promise<Answer[]> {
  const answers = await joinInMemory(stage, requests);
  const carriers = answers.flatMap(({ role, batchId }) => {
    const { live, row } = stage.batches.get(batchId)!;
    return role === "joined" && live && row.runId !== null ? [row.runId] : [];
  });
  await takeIn(stage, [...new Set(carriers)]);
  return answers;
}

async function findMessages({ tx, messages }: Stage, requests: readonly Of<"message">[]): Promise<Answer[]> {
  const missing = requests.map(({ id }) => id).filter((id) => !messages.has(id));
  const stored = missing.length > 0 ? await messageStates(tx, missing) : [];
  const byId = new Map(stored.map(({ id, ...message }) => [id, message]));
  return requests.map(({ id }) => {
    const staged = messages.get(id);
    const message = staged ? { status: staged.status, ...staged.engagement } : (byId.get(id) ?? null);
    return { kind: "message", message };
  });
}

/** Takes over calls as if they were stored, or says why they would be refused; in order. */
export async function takeOver(stage: Stage, calls: readonly Prepared[]): Promise<(KnockError | null)[]> {
  const { tx, people, notifications, now } = stage;
  const found = await acceptanceOf(tx, calls);
  for (const { actorId } of calls) if (actorId !== null && people.hasChanged(actorId)) found.users.add(actorId);
  const refusals = calls.map((call) => refusal(call, found));
  const accepted = await withSubscribers(
    tx,
    calls.filter((_call, index) => refusals[index] === null),
  );
  people.change(accepted.flatMap(({ users }) => users));
  for (const { id, workflow, data, recipients, lists, actorId, tenantId, cancellationKey, source } of accepted) {
    const given = { id, workflow, recipients, lists, actorId, tenantId, cancellationKey, source };
    notifications.set(id, { ...given, data: storedForm(data), createdAt: now });
  }
  stage.jobs.push(...jobsFor(accepted).map(stagedJob));
  return refusals;
}

function stagedJob(job: ReturnType<typeof jobsFor>[number]): StagedJob {
  if (job.kind === "express") return { kind: "begin", notificationIds: job.data.notifications };
  if (job.kind === "fanOut") return { kind: "fanOut", notificationId: job.data.notification, list: -1 };
  throw new Error(`a call makes no job "${job.kind}"`);
}

async function notifyInMemory(stage: Stage, requests: readonly Of<"notify">[]): Promise<Answer[]> {
  const { context, registry } = stage;
  const checking = { onInvalidData: context.onInvalidData, registry: () => registry, clock: clockOf(stage) };
  const prepared: (Prepared | NotMade)[] = [];
  for (const request of requests) prepared.push(await preparedFor(checking, request));
  const calls = prepared.filter((one) => "ok" in one);
  const refusals = calls.length > 0 ? await takeOver(stage, calls) : [];
  const refusalOf = new Map(calls.map((call, index) => [call, refusals[index]!]));
  return prepared.map((one): Answer => {
    if (!("ok" in one)) return one;
    const refused = refusalOf.get(one);
    return refused ? { kind: "notify", refused } : { kind: "notify", notificationId: one.id };
  });
}

function answer(stage: Stage, kind: Request["kind"], requests: readonly Request[]): Promise<readonly Answer[]> {
  switch (kind) {
    case "throttle":
      return countWith((added) => countInMemory(stage, added), requests as Of<"throttle">[]);
    case "joinBatch":
      return joinAndTakeIn(stage, requests as Of<"joinBatch">[]);
    case "closeBatch":
      return closeInMemory(stage, requests as Of<"closeBatch">[]);
    case "message":
      return findMessages(stage, requests as Of<"message">[]);
    case "notify":
      return notifyInMemory(stage, requests as Of<"notify">[]);
  }
}

/** Answers requests in the order in which a passage does. */
export const answerInMemory = (stage: Stage, requests: readonly Request[]): Promise<ReadonlyMap<Request, Answer>> =>
  answerByKind((kind, same) => answer(stage, kind, same), requests);
