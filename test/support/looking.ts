// Somebody who looks at a feed.
import type { FeedEvent, FeedHub, FeedQuestion } from "../../src/engine/feed/contract.ts";
import { systemClock } from "../../src/base/clock.ts";

/** One who looks on, and takes what happens one by one. */
export interface Looking {
  /** The next event; fails after ten seconds without one. */
  next(): Promise<FeedEvent>;
  /** Takes events until as many others than `READY` have come. */
  take(count: number): Promise<FeedEvent[]>;
  end(): Promise<void>;
}

/** Whose feed, as a question that asks for everything. */
export const feedOf = (userId: string, given: Partial<FeedQuestion> = {}): FeedQuestion => ({
  userId,
  viewer: null,
  filter: {},
  ...given,
});

/** Looks at a feed. */
export function lookAt(hub: FeedHub, question: FeedQuestion, after: string | null = null): Looking {
  const events = hub.subscribe(question, { after });
  async function next(): Promise<FeedEvent> {
    const late = Promise.withResolvers<never>();
    const cancel = systemClock.after(10_000, () => late.reject(new Error("nothing happened for ten seconds")));
    try {
      const { value, done } = await Promise.race([events.next(), late.promise]);
      if (done) throw new Error("the subscription has ended");
      return value as FeedEvent;
    } finally {
      cancel();
    }
  }
  return {
    next,
    async take(count) {
      const taken: FeedEvent[] = [];
      while (taken.length < count) {
        const event = await next();
        if (event.reason !== "READY") taken.push(event);
      }
      return taken;
    },
    end: async () => void (await events.return?.()),
  };
}

/** What events tell, in short. */
export const toldOf = (events: readonly FeedEvent[]): [string, string | undefined][] =>
  events.map(({ reason, item }) => [reason, item?.id]);
