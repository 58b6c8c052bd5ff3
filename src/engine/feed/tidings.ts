// What is told to whom, of what one read has found.
import type { FeedSelection } from "../../store/reads/feed-filter.ts";
import type { FeedCounts, FeedItem } from "../../store/reads/feed.ts";
import type { Arrival, Change } from "../../store/reads/feed-news.ts";
import type { FeedEvent } from "./contract.ts";
import { cursorOf, type Position, shows, type Snapshot } from "./cursor.ts";

/** Events that one read tells one subscriber, at most; of more it tells that there were some. */
const MOST_EVENTS = 100;

/** What one read found of one person. */
export interface PersonalNews {
  arrivals: readonly Arrival[];
  changes: readonly Change[];
}

/** An event that is to be told when its item belongs to the filter. */
interface Due {
  reason: "ARRIVED" | "MARKED";
  id: string;
  /** Its place among the events between two snapshots; the same whenever they are looked at. */
  key: string;
}

/** Events between two snapshots. */
interface Stretch {
  from: Snapshot;
  at: number;
  to: Snapshot;
  due: readonly Due[];
}

/** What somebody is to be told: `null` for too much. */
export interface Tidings {
  stretches: readonly Stretch[] | null;
  /** Where they stand then. */
  position: Position;
}

const digits = (milliseconds: number) => String(milliseconds).padStart(15, "0");

/** The events between two snapshots, in order; `null` when there are too many to tell. */
function between({ arrivals, changes }: PersonalNews, from: Snapshot, to: Snapshot): Due[] | null {
  const new_ = ({ xid }: { xid: bigint }) => !shows(from, xid) && shows(to, xid);
  const arrived = arrivals.filter(new_);
  const known = new Set(arrived.map(({ id }) => id));
  const marked = new Set<string>();
  for (const { messageIds } of changes.filter(new_)) {
    if (messageIds === null) return null;
    // Who is told that an item came is told how it is by now.
    for (const id of messageIds) if (!known.has(id)) marked.add(id);
  }
  if (arrived.length + marked.size > MOST_EVENTS) return null;
  const due: Due[] = [
    ...arrived.map(({ id, at }) => ({ reason: "ARRIVED" as const, id, key: `0${digits(at)}${id}` })),
    ...[...marked].map((id) => ({ reason: "MARKED" as const, id, key: `1${id}` })),
  ];
  return due.toSorted((one, other) => (one.key < other.key ? -1 : 1));
}

/** What is to be told to somebody of what a read at `snapshot` found. */
export function tidingsFor(
  { from, at, within }: Position,
  news: PersonalNews,
  read: { snapshot: Snapshot; at: number },
): Tidings {
  const position: Position = { from: read.snapshot, at: read.at, within: null };
  const rest = within && between(news, from, within.to);
  const later = between(news, within?.to ?? from, read.snapshot);
  if (later === null || (within && rest === null)) return { stretches: null, position };
  const next: Stretch = { from: within?.to ?? from, at, to: read.snapshot, due: later };
  if (!within) return { stretches: [next], position };
  const left = rest!.filter(({ key }) => key > within.after);
  return { stretches: [{ from, at, to: within.to, due: left }, next], position };
}

const reaches = ({ tenants, tenant, hasTenant }: FeedSelection, of: string | null): boolean =>
  (tenants === null || of === null || tenants.includes(of)) &&
  (tenant === null || of === null || of === tenant) &&
  (hasTenant === null || hasTenant === (of !== null));

/** Whether an item belongs to a filter, but for what marks change: whoever shows the feed must be told of those. */
export const belongs = (item: FeedItem, selection: FeedSelection): boolean =>
  reaches(selection, item.tenantId) &&
  (selection.workflows === null || selection.workflows.includes(item.workflow)) &&
  (selection.channel === null || selection.channel === item.channel) &&
  Object.entries(selection.data ?? {}).every(
    ([name, value]) => Object.hasOwn(item.data, name) && item.data[name] === value,
  );

/** The events of a stretch. The cursor of the last one needs not name its place: all before the snapshot is told. */
export function eventsOf(
  { from, at, to, due }: Stretch,
  { items, selection, counts }: { items: ReadonlyMap<string, FeedItem>; selection: FeedSelection; counts: FeedCounts },
): FeedEvent[] {
  const told = due.flatMap(({ reason, id, key }) => {
    const item = items.get(id);
    return item && belongs(item, selection) ? [{ reason, item, key }] : [];
  });
  return told.map(({ reason, item, key }, index) => {
    const last = index === told.length - 1;
    const position: Position = last ? { from: to, at, within: null } : { from, at, within: { to, after: key } };
    return { reason, item, counts, cursor: cursorOf(position) };
  });
}
