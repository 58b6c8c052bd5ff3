// What `knock dev` tells of every run: lines for a person, or JSON objects for a program.
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { Channel } from "../channels/channel.ts";
import type { Listeners } from "../engine/events.ts";
import { cancelledLine, createLinePrinter, deliveryLine, runLine } from "./run-lines.ts";
import type { Terminal } from "./terminal.ts";

/** Who tells. */
export interface DevEvents {
  listeners: Pick<Listeners, "onRun" | "onDelivery" | "onCancelled">;
  /** Shows a message that is printed instead of sent. */
  block(text: string): void;
}

export interface DevEventsOptions {
  clock: Clock;
  /** The channels in use, by key. */
  channels: () => ReadonlyMap<string, Channel>;
  /** Messages are printed instead of sent. */
  prints: boolean;
}

const logged = (log: Logger): DevEvents => ({
  block: (text) => log.info("message", { text }),
  listeners: {
    onRun: ({ runId, notificationId, workflow, recipientId, entry, channel }) =>
      log.info("step", { workflow, recipientId, runId, notificationId, channel, ...entry }),
    onDelivery: ({ at: _at, ...event }) => log.info("delivery", event),
    onCancelled: ({ at: _at, ...event }) => log.info("cancelled", event),
  },
});

/** Events for `knock dev`. */
export function devEvents(terminal: Terminal, { clock, channels, prints }: DevEventsOptions): DevEvents {
  if (terminal.log) return logged(terminal.log);
  const { paint } = terminal;
  const print = createLinePrinter(terminal, clock);
  const typeOf = (key: string | null) => channels().get(key ?? "")?.type ?? null;
  return {
    block: (text) => print(text.trimEnd().replaceAll(/^/gm, "          "), "messages"),
    listeners: {
      onRun: (event) => print(runLine(event, typeOf(event.channel), paint), `steps ${event.entry.outcome}`),
      onDelivery: (event) => print(deliveryLine(event, prints, paint), `messages ${event.outcome}`),
      onCancelled: (event) => print(cancelledLine(event, paint), "cancels"),
    },
  };
}
