// Throttles count the runs that come to them.
import { countThrottles, type ThrottleCount } from "../store/throttles.ts";
import type { Internals, Work } from "./context.ts";
import type { Answer, Request, Shared } from "./run.ts";

type Passing = Extract<Request, { kind: "throttle" }>;

/** A memory of a step as one text. */
export const textOf = ({ workflow, step, recipientId, key }: Shared) =>
  JSON.stringify([recipientId, workflow, step, key]);

/** Counts runs, and answers which one in its window each is. Those of one passage count in their order. */
export const countPasses = (internals: Internals, { tx }: Work, requests: readonly Passing[]) =>
  countWith((added) => countThrottles(tx, added, internals.clock.now()), requests);

/** The same, with a counter of one's own: it adds to windows and answers where each then stands. */
export async function countWith(
  counter: (added: readonly ThrottleCount[]) => Promise<readonly ThrottleCount[]>,
  requests: readonly Passing[],
): Promise<Extract<Answer, { kind: "throttle" }>[]> {
  const groups = Map.groupBy(requests, ({ shared }) => textOf(shared));
  const added = [...groups.values()].map((group) => ({
    ...group[0]!.shared,
    count: group.length,
    endsAt: group[0]!.endsAt,
  }));
  const counted = await counter(added);
  const answers = new Map<Passing, Extract<Answer, { kind: "throttle" }>>();
  for (const row of counted) {
    const group = groups.get(textOf(row))!;
    group.forEach((request, index) => {
      answers.set(request, { kind: "throttle", count: row.count - group.length + index + 1, endsAt: row.endsAt });
    });
  }
  return requests.map((request) => answers.get(request)!);
}
