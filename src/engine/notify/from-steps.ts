// Notifications that steps of other workflows make, in the transaction that writes their runs.
import { messageOf } from "../../base/message-of.ts";
import type { Internals, Work } from "../context.ts";
import { reportAccepted } from "../events.ts";
import type { Answer, Request } from "../run.ts";
import { accept } from "./accept.ts";
import { prepare, type Prepared } from "./prepare.ts";

type NotifyRequest = Extract<Request, { kind: "notify" }>;

/** Why a step made none. */
export type NotMade = Exclude<Extract<Answer, { kind: "notify" }>, { notificationId: string }>;

/** What is to be stored for a step, or why nothing is. The schema's own code may throw, and takes no other run with it. */
export async function preparedFor(
  context: Parameters<typeof prepare>[1],
  { id, call, source }: NotifyRequest,
): Promise<Prepared | NotMade> {
  try {
    const prepared = await prepare(call, context, { id, source });
    return prepared.ok ? prepared : { kind: "notify", refused: prepared.error };
  } catch (error) {
    return { kind: "notify", problem: messageOf(error) };
  }
}

/** Stores what steps ask for, all of it together, or says why not. */
export async function notifyFromSteps(
  internals: Internals,
  work: Work,
  requests: readonly NotifyRequest[],
): Promise<Answer[]> {
  const prepared: (Prepared | NotMade)[] = [];
  for (const request of requests) prepared.push(await preparedFor(internals, request));
  const calls = prepared.filter((one) => "ok" in one);
  const accepted = calls.length > 0 ? await accept(internals, work, calls) : [];
  reportAccepted(internals, work, accepted);
  const outcomes = new Map(calls.map((call, index) => [call, accepted[index]!]));
  return prepared.map((one): Answer => {
    if (!("ok" in one)) return one;
    const outcome = outcomes.get(one)!;
    if (!outcome.ok) return { kind: "notify", refused: outcome.error };
    return { kind: "notify", notificationId: outcome.notification.id };
  });
}
