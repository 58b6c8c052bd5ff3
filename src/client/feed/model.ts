// What a feed shows, as pure functions: what the server told (`Known`), with the marks over it that are on their way.
import type { FeedSelection, Marking } from "../user-feed.ts";
import type { FeedCounts, FeedItem } from "./types.ts";

/** What the server has told. */
export interface Known {
  /** By id, those that the filter no longer matches included: a mark may be undone. */
  items: ReadonlyMap<string, FeedItem>;
  counts: FeedCounts;
  hasMore: boolean;
  /** `after` of the next page. */
  endCursor: string | null;
}

/** A mark that the server has not yet confirmed. */
export interface PendingMark {
  as: Marking;
  at: string;
  /** The items that it is for, of those that are known. */
  ids: ReadonlySet<string>;
  /** It is for everything that the filter matches, also beyond what is known. */
  all: boolean;
}

type Time = "seenAt" | "readAt" | "interactedAt" | "archivedAt";

/** What each mark sets and empties: the same as on the server. */
const EFFECTS: Record<Marking, { set: readonly Time[]; empty?: Time }> = {
  SEEN: { set: ["seenAt"] },
  UNSEEN: { set: [], empty: "seenAt" },
  READ: { set: ["seenAt", "readAt"] },
  UNREAD: { set: [], empty: "readAt" },
  INTERACTED: { set: ["seenAt", "readAt", "interactedAt"] },
  ARCHIVED: { set: ["archivedAt"] },
  UNARCHIVED: { set: [], empty: "archivedAt" },
};

export const NOTHING: Known = {
  items: new Map(),
  counts: { totalCount: 0, unreadCount: 0, unseenCount: 0 },
  hasMore: false,
  endCursor: null,
};

/** An item after a mark; the same object when the mark changes nothing. */
export function marked(item: FeedItem, as: Marking, at: string): FeedItem {
  const { set, empty } = EFFECTS[as];
  const missing = set.filter((time) => item[time] === null);
  if (missing.length === 0 && (!empty || item[empty] === null)) return item;
  return { ...item, ...Object.fromEntries(missing.map((time) => [time, at])), ...(empty && { [empty]: null }) };
}

/** Whether an item belongs to what the filter shows, as far as marks decide that. */
export function matches(
  { seenAt, readAt, archivedAt }: FeedItem,
  { status, archived = "EXCLUDE" }: FeedSelection,
): boolean {
  if (archived !== "INCLUDE" && (archivedAt !== null) !== (archived === "ONLY")) return false;
  if (status === "UNSEEN") return seenAt === null;
  if (status === "SEEN") return seenAt !== null;
  if (status === "UNREAD") return readAt === null;
  return status !== "READ" || readAt !== null;
}

/** What one item adds to the counts, which follow the filter except its status. */
function countOf(item: FeedItem, { archived = "EXCLUDE" }: FeedSelection): FeedCounts {
  const counted = matches(item, { archived });
  return {
    totalCount: Number(counted),
    unreadCount: Number(counted && item.readAt === null),
    unseenCount: Number(counted && item.seenAt === null),
  };
}

const combine = (a: FeedCounts, b: FeedCounts, sign: 1 | -1): FeedCounts => ({
  totalCount: a.totalCount + sign * b.totalCount,
  unreadCount: a.unreadCount + sign * b.unreadCount,
  unseenCount: a.unseenCount + sign * b.unseenCount,
});

/** Another process may have counted already what is taken off here. */
const notNegative = ({ totalCount, unreadCount, unseenCount }: FeedCounts): FeedCounts => ({
  totalCount: Math.max(0, totalCount),
  unreadCount: Math.max(0, unreadCount),
  unseenCount: Math.max(0, unseenCount),
});

/** Whether the same is counted. */
export const sameCounts = (a: FeedCounts, b: FeedCounts): boolean =>
  a.totalCount === b.totalCount && a.unreadCount === b.unreadCount && a.unseenCount === b.unseenCount;

/**
 * What is known once a mark has happened. What lies beyond the known items is what the present counts leave over:
 * whether they include the mark already or not, nothing is taken off twice.
 */
export function withMark(known: Known, { as, at, ids, all }: PendingMark, filter: FeedSelection): Known {
  let counts = all ? combine(known.counts, beyondKnown(known, filter, as), -1) : known.counts;
  const items = new Map(known.items);
  for (const id of ids) {
    const item = items.get(id);
    const changed = item && marked(item, as, at);
    if (!changed || changed === item) continue;
    items.set(id, changed);
    counts = combine(combine(counts, countOf(item, filter), -1), countOf(changed, filter), 1);
  }
  return { ...known, items, counts };
}

/** What a mark of everything changes of the counts beyond the items that are known. */
function beyondKnown(known: Known, filter: FeedSelection, as: Marking): FeedCounts {
  const rest = [...known.items.values()].reduce((sum, item) => combine(sum, countOf(item, filter), -1), known.counts);
  const { archived = "EXCLUDE", status } = filter;
  const leaves =
    !status && ((as === "ARCHIVED" && archived === "EXCLUDE") || (as === "UNARCHIVED" && archived === "ONLY"));
  const sets = (time: Time) => EFFECTS[as].set.includes(time);
  return notNegative({
    totalCount: leaves ? rest.totalCount : 0,
    unreadCount: leaves || sets("readAt") ? rest.unreadCount : 0,
    unseenCount: leaves || sets("seenAt") ? rest.unseenCount : 0,
  });
}

/** A mark of some items, or with `null` of everything that the filter matches. */
export function pendingMark(
  known: Known,
  filter: FeedSelection,
  { as, at, ids }: { as: Marking; at: string; ids: readonly string[] | null },
): PendingMark {
  if (ids) return { as, at, ids: new Set(ids), all: false };
  const shown = [...known.items.values()].filter((item) => matches(item, filter));
  return { as, at, ids: new Set(shown.map(({ id }) => id)), all: true };
}

/** Newest first; of the same moment, in the order of the server. */
const byArrival = (a: FeedItem, b: FeedItem): number =>
  a.arrivedAt === b.arrivedAt ? (a.id < b.id ? 1 : -1) : a.arrivedAt < b.arrivedAt ? 1 : -1;

/** What is shown: what is known, as the pending marks leave it. */
export function shown(
  known: Known,
  pending: readonly PendingMark[],
  filter: FeedSelection,
): { items: FeedItem[]; counts: FeedCounts } {
  const { items, counts } = pending.reduce((state, mark) => withMark(state, mark, filter), known);
  return {
    items: [...items.values()].filter((item) => matches(item, filter)).toSorted(byArrival),
    counts: notNegative(counts),
  };
}

/** One page as the server answers it. */
export interface FeedPage {
  edges: { node: FeedItem }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
  unreadCount: number;
  unseenCount: number;
}

/** What is known after a page: of the first page alone, of a later one together with what was known. */
export function withPage(known: Known | null, page: FeedPage): Known {
  const { edges, pageInfo, totalCount, unreadCount, unseenCount } = page;
  return {
    items: new Map([...(known?.items ?? []), ...edges.map(({ node }) => [node.id, node] as const)]),
    counts: { totalCount, unreadCount, unseenCount },
    hasMore: pageInfo.hasNextPage,
    endCursor: pageInfo.endCursor,
  };
}

/** Something that happened in the feed, as the server tells it. */
export interface FeedChange {
  reason: "READY" | "ARRIVED" | "MARKED" | "RESET";
  item: FeedItem | null;
  counts: FeedCounts;
  cursor: string;
}

/** What is known after something happened. An item that is older than all that are loaded comes with its page. */
export function withChange(known: Known, { item, counts }: FeedChange): Known {
  if (!item) return { ...known, counts };
  const loaded = [...known.items.values()];
  const beyond = !known.items.has(item.id) && known.hasMore && loaded.every((other) => byArrival(item, other) > 0);
  return { ...known, counts, items: beyond ? known.items : new Map(known.items).set(item.id, item) };
}

/** What the server answered to a mark that happened, and what was told while it was on its way. */
export interface MarkAnswer {
  /** After the mark; `null` when they were not asked for. */
  counts: FeedCounts | null;
  told: readonly FeedChange[];
}

/**
 * What is known once a mark was answered. Items that were told of meanwhile stay as told: the mark may have been undone
 * elsewhere, and where it was not, the stream is about to tell it.
 */
export function withAnswer(
  known: Known,
  mark: PendingMark,
  { counts, told }: MarkAnswer,
  filter: FeedSelection,
): Known {
  const again = told.some(({ reason }) => reason === "RESET");
  const items = new Set(told.map(({ item }) => item?.id));
  const ids = new Set([...mark.ids].filter((id) => !again && !items.has(id)));
  const after = withMark(known, { ...mark, ids, all: mark.all && !again }, filter);
  return counts ? { ...after, counts } : after;
}
