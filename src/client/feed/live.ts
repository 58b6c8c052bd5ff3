// The connection that stays: a stream of changes that begins again where it broke off, with growing pauses, and rests
// while nobody sees the page.
import { type Clock, pause } from "../../base/clock.ts";
import { KnockError } from "../../base/errors.ts";
import { type Body, mayPass, unreachable } from "../post.ts";
import { CHANGES } from "./documents.ts";
import { readEvents } from "./event-stream.ts";
import type { FeedChange } from "./model.ts";
import { dataOf, type Requests } from "./requests.ts";
import type { Visibility } from "./visibility.ts";

/** What the connection tells. */
export interface LiveListener {
  /** What came in at once: told together, so that nobody sees the middle. */
  changes(changes: FeedChange[]): void;
  /** The connection is lost, and will be tried again. */
  lost(error: KnockError): void;
  /** The server no longer takes the cursor: the next stream begins anew, and knows nothing of what was between. */
  forgotten(): void;
  /** The server refuses: nothing is tried again. */
  refused(error: KnockError): void;
}

export interface LiveOptions {
  url: string;
  requests: Requests;
  clock: Clock;
  visibility: Visibility;
  hiddenAfter: number;
  /** Between 0 and 1. */
  random: () => number;
  filter: object;
}

/** A connection that is kept up. */
export interface Live {
  /** Does not wait any longer for the next try. */
  hurry(): void;
  stop(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** The server says something at least every 12 seconds. */
const SILENCE_MS = 35_000;

/** Half of it is left to chance: after a restart of the server not all come back at the same moment. */
const pauseAfter = (failures: number, random: () => number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)) * (0.5 + random() / 2);

const knownError = (url: string, error: unknown): KnockError =>
  KnockError.is(error) ? error : unreachable(url, "the connection broke off", error);

function changesIn(url: string, frames: { event: string; data: string }[]): FeedChange[] {
  return frames
    .filter(({ event, data }) => event === "next" && data !== "")
    .map(({ data }) => dataOf<{ feedChanged: FeedChange }>(url, JSON.parse(data) as Body).feedChanged);
}

/** Follows until that ends, the page has been hidden for a while, or everything is stopped. */
async function followWhileShown(
  { visibility, hiddenAfter, clock }: LiveOptions,
  stopped: AbortSignal,
  follow: (signal: AbortController) => Promise<void>,
): Promise<"hidden" | "ended"> {
  const signal = new AbortController();
  let hidden = false;
  const abort = () => signal.abort();
  stopped.addEventListener("abort", abort);
  const release = visibility.whenHiddenFor(hiddenAfter, clock, () => {
    hidden = true;
    abort();
  });
  try {
    await follow(signal);
  } catch (error) {
    if (!hidden) throw error;
  } finally {
    release();
    stopped.removeEventListener("abort", abort);
  }
  return hidden ? "hidden" : "ended";
}

/** Waits for the next try, no longer than until the machine has a network again or somebody is in a hurry. */
async function rest(
  { clock, visibility }: LiveOptions,
  milliseconds: number,
  { stopped, waiting }: { stopped: AbortSignal; waiting: AbortController },
): Promise<void> {
  const wake = () => waiting.abort();
  stopped.addEventListener("abort", wake);
  const release = visibility.onOnline(wake);
  await pause(clock, milliseconds, waiting.signal);
  release();
  stopped.removeEventListener("abort", wake);
}

/** Keeps a stream of changes up, from `after` on, until it is stopped. */
export function keepLive(options: LiveOptions, listener: LiveListener, after: string | null): Live {
  const { url, requests, clock, visibility, random, filter } = options;
  const stopped = new AbortController();
  let waiting = new AbortController();
  let cursor = after;
  /** Since the stream last worked. */
  let failures = 0;

  /** One stream, from its beginning to its end. */
  async function follow(signal: AbortController): Promise<void> {
    let cancel = clock.after(SILENCE_MS, () => signal.abort());
    const heard = () => {
      cancel();
      cancel = clock.after(SILENCE_MS, () => signal.abort());
    };
    try {
      const body = await requests.stream(CHANGES, { filter, after: cursor }, signal.signal);
      for await (const frames of readEvents(body)) {
        if (signal.signal.aborted) return;
        heard();
        const changes = changesIn(url, frames);
        if (changes.length > 0) {
          failures = 0;
          cursor = changes.at(-1)!.cursor;
          listener.changes(changes);
        }
        if (frames.some(({ event }) => event === "complete")) return;
      }
    } finally {
      cancel();
      signal.abort();
    }
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      let error: KnockError = unreachable(url, "the connection was closed");
      const sent = cursor;
      try {
        if ((await followWhileShown(options, stopped.signal, follow)) === "hidden") {
          await visibility.shown(stopped.signal);
          continue;
        }
      } catch (caught) {
        error = knownError(url, caught);
      }
      if (stopped.signal.aborted) return;
      // The token may have ended, which the server says with the end of the stream.
      requests.forgetToken();
      if (KnockError.is(error, "INVALID_INPUT") && sent !== null) {
        cursor = null;
        listener.forgotten();
        continue;
      }
      const expired = KnockError.is(error, "UNAUTHENTICATED") && requests.renewable && failures === 0;
      if (!expired && !mayPass(error)) return listener.refused(error);
      failures++;
      // A server that ends a stream which worked is about to be replaced: one quick try before anybody is told.
      if (failures > 1) listener.lost(error);
      waiting = new AbortController();
      await rest(options, pauseAfter(failures, random), { stopped: stopped.signal, waiting });
    }
  }

  void run();
  return { hurry: () => waiting.abort(), stop: () => stopped.abort() };
}
