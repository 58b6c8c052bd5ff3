// Messages that this process has just made, for the job that delivers them: it asks the database which of them
// are still to be sent, and need not read them again. A job that finds them gone reads them as ever.
import { durationMs } from "../base/duration.ts";
import type { JsonObject } from "../base/canonical-json.ts";
import { isStorable } from "../base/text.ts";
import type { Sendable } from "../store/messages.ts";
import type { Internals } from "./context.ts";
import type { Passed } from "./passage.ts";

/** What one process keeps at most, in characters. */
const ROOM = 8_000_000;

/** What a message is counted as besides its texts. */
const OVERHEAD = 500;

/** After this another process has most likely delivered it. */
const STALE = durationMs("1m");

/** What one process keeps. */
export interface Handover {
  kept: Map<string, { message: Sendable; size: number }>;
  size: number;
}

/** Creates one that is empty. */
export const createHandover = (): Handover => ({ kept: new Map(), size: 0 });

const isEmpty = (value: object) => (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0);

/** Its characters; `null` when the database might give back something else, or an object that others hold too. */
function sizeOf(content: JsonObject): number | null {
  let size = OVERHEAD;
  for (const value of Object.values(content)) {
    if (typeof value === "string") {
      if (!isStorable(value)) return null;
      size += value.length;
    } else if (value !== null && typeof value !== "boolean" && !(typeof value === "object" && isEmpty(value)))
      return null;
  }
  return size;
}

function drop(handover: Handover, id: string): Sendable | null {
  const found = handover.kept.get(id);
  if (!found) return null;
  handover.kept.delete(id);
  handover.size -= found.size;
  return found.message;
}

function forgetStale(handover: Handover, now: number): void {
  for (const [id, { message }] of handover.kept) {
    if (message.madeAt > now - STALE) return;
    drop(handover, id);
  }
}

/**
 * Keeps the messages of committed passages while there is room. Those that are kept already stay: their jobs
 * come first, and whoever made room for the newest would always lose the ones that are wanted next.
 */
export function handOver({ handover, clock }: Internals, passed: readonly Passed[]): void {
  const madeAt = clock.now().getTime();
  forgetStale(handover, madeAt);
  for (const { input, advanced } of passed) {
    const { workflow, tenantId } = input.notification;
    for (const { id, channel, content, address, status, scheduledAt } of advanced.messages) {
      const size = status === "queued" && scheduledAt === null ? sizeOf(content) : null;
      if (size === null || handover.size + size > ROOM) continue;
      const person = { recipientId: input.recipient.id, tenantId };
      const untried = { attempts: 0, first: true, madeAt };
      handover.kept.set(id, {
        message: { id, workflow, ...person, channel: channel.key, content, address, ...untried },
        size,
      });
      handover.size += size;
    }
  }
}

/** Takes those of the messages that were kept. */
export function takeOver({ handover }: Internals, ids: readonly string[]): Map<string, Sendable> {
  const taken = new Map<string, Sendable>();
  for (const id of ids) {
    const message = drop(handover, id);
    if (message) taken.set(id, message);
  }
  return taken;
}
