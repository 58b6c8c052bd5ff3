// Notifications that steps of other workflows make, in the transaction that writes their runs.
import type { Internals, Work } from "../context.ts";
import { reportAccepted } from "../events.ts";
import type { Refused } from "../notify-call.ts";
import type { Answer, Request } from "../run.ts";
import { accept } from "./accept.ts";
import { prepare, type Prepared } from "./prepare.ts";

type NotifyRequest = Extract<Request, { kind: "notify" }>;

/** Stores what steps ask for, all of it together, or says why not. */
export async function notifyFromSteps(
  internals: Internals,
  work: Work,
  requests: readonly NotifyRequest[],
): Promise<Answer[]> {
  const prepared: (Prepared | Refused)[] = [];
  for (const { id, call, source } of requests) prepared.push(await prepare(call, internals, { id, source }));
  const calls = prepared.filter((one) => one.ok);
  const group = calls.length > 0 ? await accept(internals, work.tx, calls) : { outcomes: [], jobs: [] };
  group.jobs.forEach(work.enqueue);
  reportAccepted(internals, work, group.outcomes);
  const outcomes = new Map(calls.map((call, index) => [call, group.outcomes[index]!]));
  return prepared.map((one): Answer => {
    const outcome = one.ok ? outcomes.get(one)! : one;
    if (!outcome.ok) return { kind: "notify", refused: outcome.error };
    return { kind: "notify", notificationId: outcome.notification.id };
  });
}
