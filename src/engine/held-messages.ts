// Where messages stand, for steps that wait for what becomes of them.
import { holdMessages } from "../store/messages.ts";
import type { Internals, Work } from "./context.ts";
import type { Answer, Request } from "./run.ts";

type MessageRequest = Extract<Request, { kind: "message" }>;

/**
 * The state of messages, held until the passage is written: what becomes of them later finds the waits that
 * the passage stores.
 */
export async function heldMessages(
  _internals: Internals,
  { tx }: Work,
  requests: readonly MessageRequest[],
): Promise<Answer[]> {
  const states = await holdMessages(tx, [...new Set(requests.map(({ id }) => id))]);
  const byId = new Map(states.map(({ id, ...message }) => [id, message]));
  return requests.map(({ id }) => ({ kind: "message", message: byId.get(id) ?? null }));
}
