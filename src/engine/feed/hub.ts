// Feeds that are looked at in this process. However many look on, there is one listener and one reader, which asks for
// what the database shows now and did not show when it last looked:
//
// * Messages and marks carry their transaction, and a snapshot says which transactions it shows. So nothing is missed
//   and nothing told twice, in whatever order transactions are committed, and none that is long under way holds up
//   others.
// * Each subscriber stands at a snapshot of its own, which is also its cursor: who comes back, to whichever process,
//   goes on from there.
// * Notices only make it faster: the reader also looks every second.
// * What cannot be looked at together is looked at in smaller parts, so that nobody's data stops the others.
import { pause, systemClock } from "../../base/clock.ts";
import { slicesOf } from "../../base/arrays.ts";
import { durationMs } from "../../base/duration.ts";
import { LONGEST_ARRIVAL } from "../../store/feed-checkpoints.ts";
import { countFeeds } from "../../store/feed-counts.ts";
import type { FeedSelection } from "../../store/reads/feed-filter.ts";
import { type FeedCounts, type FeedItem, readFeedItems } from "../../store/reads/feed.ts";
import { readNews } from "../../store/reads/feed-news.ts";
import type { EngineContext } from "../engine.ts";
import { FEED_CHANNEL } from "./bell.ts";
import type { FeedEvent, FeedHub } from "./contract.ts";
import { cursorOf, type Position, positionOf, type Snapshot, snapshotOf } from "./cursor.ts";
import { inParts } from "./in-parts.ts";
import { selectionOf } from "./selection.ts";
import { Subscription } from "./subscription.ts";
import { eventsOf, type PersonalNews, type Tidings, tidingsFor } from "./tidings.ts";

/** How often the reader looks without a notice, and how long it rests after a look at least, in milliseconds. */
const LOOK_EVERY = durationMs("1s");
const REST = 20;

/** Subscribers that begin with one look. */
const BEGINNERS = 1_000;

/** Items that one statement reads. */
const ITEMS_PER_STATEMENT = 500;

/** Marks are kept for so long; who comes back later reads the feed again. */
const CURSORS_LAST = durationMs("1d");

const NO_NEWS: PersonalNews = { arrivals: [], changes: [] };

/** What one look at the database has shown. */
interface Look {
  snapshot: Snapshot;
  at: number;
  of(person: string): PersonalNews;
}

export type HubContext = Pick<EngineContext, "database" | "clock" | "logger" | "registry">;

/** Looks for what is new for those who stand somewhere. */
async function look(
  { database, clock }: HubContext,
  subscriptions: readonly Subscription[],
  how: "all" | "byPerson",
): Promise<Look> {
  const standing = subscriptions.filter(({ position }) => position !== null);
  const positions = [...new Set(standing.map(({ position }) => position!))];
  const snapshots = [...new Set(positions.map(({ from }) => from))];
  const at = clock.now().getTime();
  const earliest = Math.min(at, ...positions.map((position) => position.at));
  const first = snapshots.reduce<bigint | null>((low, { xmax }) => (low === null || xmax < low ? xmax : low), null);
  const news = await readNews(database.db, {
    people: [...new Set(standing.map(({ question }) => question.userId))],
    xmax: first ?? 0n,
    underWay: [...new Set(snapshots.flatMap(({ underWay }) => underWay))].filter((xid) => xid < first!),
    since: how === "all" ? null : new Date(earliest - LONGEST_ARRIVAL),
  });
  const arrivals = Map.groupBy(news.arrivals, ({ recipientId }) => recipientId);
  const changes = Map.groupBy(news.changes, ({ recipientId }) => recipientId);
  return {
    snapshot: snapshotOf(news.snapshot)!,
    at,
    of: (person) =>
      arrivals.has(person) || changes.has(person)
        ? { arrivals: arrivals.get(person) ?? [], changes: changes.get(person) ?? [] }
        : NO_NEWS,
  };
}

/** Somebody who is told something. */
interface Told {
  subscription: Subscription;
  selection: FeedSelection;
  /** `null` for one that begins and has nothing to catch up with. */
  tidings: Tidings | null;
}

/** The items that are told of. */
async function itemsFor({ database }: HubContext, told: readonly Told[]): Promise<Map<string, FeedItem>> {
  const ids = new Set(
    told.flatMap(({ tidings }) => (tidings?.stretches ?? []).flatMap(({ due }) => due.map(({ id }) => id))),
  );
  const items = new Map<string, FeedItem>();
  for (const slice of slicesOf([...ids], ITEMS_PER_STATEMENT)) {
    for (const [id, item] of await readFeedItems(database.db, slice)) items.set(id, item);
  }
  return items;
}

/** The counts of each, those who ask the same counted once. */
async function countsFor({ database, clock }: HubContext, told: readonly Told[]): Promise<Map<Told, FeedCounts>> {
  const asking = Map.groupBy(told, ({ selection }) => JSON.stringify({ ...selection, status: null }));
  const groups = [...asking.values()];
  const counts = await countFeeds(
    database,
    groups.map(([first]) => first!.selection),
    { now: clock.now() },
  );
  return new Map(groups.flatMap((group, index) => group.map((one) => [one, counts[index]!] as const)));
}

const resetAt = (position: Position, counts: FeedCounts): FeedEvent => ({
  reason: "RESET",
  item: null,
  counts,
  cursor: cursorOf(position),
});

/** Tells each what is due, and moves everybody on. */
async function tell(context: HubContext, told: readonly Told[], position: Position): Promise<void> {
  const items = await itemsFor(context, told);
  const counts = await countsFor(context, told);
  for (const one of told) {
    const { subscription, selection, tidings } = one;
    const counted = counts.get(one)!;
    const events: FeedEvent[] = [];
    if (!subscription.begun) {
      const cursor = cursorOf(tidings?.stretches && subscription.position ? subscription.position : position);
      events.push({ reason: "READY", item: null, counts: counted, cursor });
    }
    if (tidings?.stretches === null) events.push(resetAt(position, counted));
    for (const stretch of tidings?.stretches ?? [])
      events.push(...eventsOf(stretch, { items, selection, counts: counted }));
    subscription.begun = true;
    subscription.position = position;
    subscription.tell(events, () => resetAt(position, counted));
  }
}

/** Whether a position is one that can be gone on from. */
const isUsable = ({ from, at, within }: Position, { snapshot, at: now }: Look): boolean =>
  now - at < CURSORS_LAST &&
  [from, ...(within ? [within.to] : [])].every(({ xmin, xmax }) => xmin <= snapshot.xmin && xmax <= snapshot.xmax);

/** Begins subscriptions, unless they have begun. */
async function begin(context: HubContext, asking: readonly Subscription[]): Promise<void> {
  const beginning = asking.filter(({ begun }) => !begun);
  const seen = await look(context, beginning, "byPerson");
  const position: Position = { from: seen.snapshot, at: seen.at, within: null };
  const told = beginning.map((subscription): Told => {
    const selection = selectionOf(subscription.question, context.registry());
    const stood = subscription.position;
    if (stood === null) return { subscription, selection, tidings: null };
    const tidings = isUsable(stood, seen)
      ? tidingsFor(stood, seen.of(subscription.question.userId), seen)
      : { stretches: null, position };
    return { subscription, selection, tidings };
  });
  await tell(context, told, position);
}

/** Tells those who look on what has happened since they last looked. */
async function goOn(context: HubContext, live: readonly Subscription[]): Promise<void> {
  const seen = await look(context, live, "all");
  const position: Position = { from: seen.snapshot, at: seen.at, within: null };
  const told: Told[] = [];
  for (const subscription of live) {
    const news = seen.of(subscription.question.userId);
    const tidings = news === NO_NEWS ? null : tidingsFor(subscription.position!, news, seen);
    if (tidings === null || tidings.stretches?.every(({ due }) => due.length === 0)) subscription.position = position;
    else told.push({ subscription, selection: selectionOf(subscription.question, context.registry()), tidings });
  }
  if (told.length > 0) await tell(context, told, position);
}

/** Wakes the reader. */
interface Waker {
  wake(): void;
  /** Resolves when woken, at once when that was since the last call, and after a second anyway. */
  next(): Promise<void>;
}

function createWaker(): Waker {
  let woken = new AbortController();
  return {
    wake: () => woken.abort(),
    async next() {
      // The machine's own time: people look on by it, however fast a clock runs.
      await pause(systemClock, LOOK_EVERY, woken.signal);
      woken = new AbortController();
    },
  };
}

/** Creates the hub of a process. Nothing happens before somebody subscribes. */
export function createFeedHub(context: HubContext): FeedHub {
  const { database, logger, registry } = context;
  const all = new Set<Subscription>();
  const waker = createWaker();
  let reading: Promise<void> | null = null;
  let closed = false;
  let failing = false;

  async function lookOnce(): Promise<void> {
    const beginning = [...all].filter(({ begun }) => !begun).slice(0, BEGINNERS);
    if (beginning.length > 0) await inParts(beginning, (part) => begin(context, part), logger);
    const live = [...all].filter(({ begun }) => begun);
    if (live.length > 0) await inParts(live, (part) => goOn(context, part), logger);
    // Those who wait to begin are not to wait for a notice.
    if ([...all].some(({ begun }) => !begun)) waker.wake();
  }

  async function lookSafely(): Promise<void> {
    try {
      await lookOnce();
      if (failing) logger.info("feeds that are looked at are followed again");
      failing = false;
    } catch (error) {
      // Everybody stands where they stood, and is told everything later.
      if (!failing) logger.error("feeds that are looked at cannot be followed; this is tried again", { error });
      failing = true;
    }
  }

  async function read(): Promise<void> {
    let unlisten: (() => Promise<void>) | null = null;
    while (all.size > 0 && !closed) {
      unlisten ??= await database.listen(FEED_CHANNEL, waker.wake, waker.wake).catch(() => null);
      const began = systemClock.now().getTime();
      await lookSafely();
      // As long as the look took: however busy the database is, at most half of its time goes into looking.
      await pause(systemClock, Math.max(REST, systemClock.now().getTime() - began));
      if (all.size > 0 && !closed) await waker.next();
    }
    await unlisten?.().catch(() => {});
  }

  function ensureReading(): void {
    waker.wake();
    reading ??= read().finally(() => {
      reading = null;
      // Somebody may have come while the last look ended.
      if (all.size > 0 && !closed) ensureReading();
    });
  }

  return {
    subscribe(question, { after, signal }) {
      // Refused now rather than when it begins.
      selectionOf(question, registry());
      const position = after == null ? null : positionOf(after);
      const onEnd = (ended: Subscription) => {
        all.delete(ended);
        if (all.size === 0) waker.wake();
      };
      const subscription = new Subscription(question, position, { signal, onEnd });
      if (closed) subscription.end();
      if (subscription.ended) return subscription;
      all.add(subscription);
      ensureReading();
      return subscription;
    },
    get subscribers() {
      return all.size;
    },
    async close() {
      closed = true;
      for (const subscription of all) subscription.end();
      waker.wake();
      await reading;
    },
  };
}
