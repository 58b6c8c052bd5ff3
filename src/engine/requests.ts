// What steps ask for while a passage is under way, answered for all its runs together. Each kind has its
// own file; here they only meet.
import { joinBatches } from "./batches/join.ts";
import { closeBatches } from "./batches/close.ts";
import type { Internals, Work } from "./context.ts";
import { heldMessages } from "./held-messages.ts";
import { notifyFromSteps } from "./notify/from-steps.ts";
import type { Answer, Request } from "./run.ts";
import { countPasses } from "./throttles.ts";

/** The kinds of request, in the order in which their rows are locked by every passage. */
const kinds = ["throttle", "joinBatch", "closeBatch", "message", "notify"] as const satisfies Request["kind"][];

type Of<Kind extends Request["kind"]> = Extract<Request, { kind: Kind }>;

/** Answers requests of one kind, one answer each, in order. */
type Answering<Kind extends Request["kind"]> = (
  internals: Internals,
  work: Work,
  requests: readonly Of<Kind>[],
) => Promise<Answer[]>;

const answering: { [Kind in Request["kind"]]: Answering<Kind> } = {
  throttle: countPasses,
  joinBatch: joinBatches,
  closeBatch: closeBatches,
  message: heldMessages,
  notify: notifyFromSteps,
};

/** Answers requests; those of one kind come together, in the order in which they are given. */
export const answerAll = (
  internals: Internals,
  work: Work,
  requests: readonly Request[],
): Promise<ReadonlyMap<Request, Answer>> =>
  answerByKind((kind, same) => (answering[kind] as Answering<typeof kind>)(internals, work, same as never), requests);

/** The same, answered by somebody else: `answer` is given the requests of one kind after the other. */
export async function answerByKind(
  answer: (kind: Request["kind"], requests: readonly Request[]) => Promise<readonly Answer[]>,
  requests: readonly Request[],
): Promise<ReadonlyMap<Request, Answer>> {
  const answers = new Map<Request, Answer>();
  for (const kind of kinds) {
    const same = requests.filter((request) => request.kind === kind);
    if (same.length === 0) continue;
    const given = await answer(kind, same);
    same.forEach((request, index) => answers.set(request, given[index]!));
  }
  return answers;
}
