import postgres from "postgres";
import type { Clock } from "../base/clock.ts";
import { pause } from "../base/clock.ts";

/** Reconnecting after a lost connection: 100 ms, doubling, at most 5 s. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface ListenOptions {
  url: string;
  settings: postgres.Options<Record<string, postgres.PostgresType>>;
  clock: Clock;
  channel: string;
  onPayload(payload: string): void;
  /** Called after each successful subscription, the first included: notices sent meanwhile are lost. */
  onSubscribed(): void;
}

/**
 * Listens on a channel over a connection of its own and subscribes again whenever that connection is lost.
 * (The driver's own `listen` tries once and then stays silent for ever.)
 */
export async function listen(options: ListenOptions): Promise<() => Promise<void>> {
  const closing = new AbortController();
  let lost = false;
  const settings = {
    ...options.settings,
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    keep_alive: 10,
    fetch_types: false,
    onnotify: (channel: string, payload: string) => {
      if (channel === options.channel) options.onPayload(payload);
    },
    onclose: () => void resubscribe(),
  };
  const client = postgres(options.url, settings);
  const subscribe = async () => {
    await client.unsafe(`listen "${options.channel.replaceAll('"', '""')}"`);
    options.onSubscribed();
  };

  async function resubscribe(): Promise<void> {
    if (lost) return;
    lost = true;
    for (let wait = FIRST_PAUSE_MS; lost && !closing.signal.aborted; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      await pause(options.clock, wait, closing.signal);
      if (!closing.signal.aborted)
        await subscribe().then(
          () => (lost = false),
          () => {},
        );
    }
  }

  // A first failure is the caller's to see: it is a wrong address rather than a lost connection.
  lost = true;
  try {
    await subscribe();
  } catch (error) {
    closing.abort();
    await client.end({ timeout: 0 });
    throw error;
  }
  lost = false;
  return async () => {
    closing.abort();
    await client.end({ timeout: 1 });
  };
}
