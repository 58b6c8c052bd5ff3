// Where somebody stands in what happens in feeds: everything that a snapshot of the database shows has been told.
import { type Issue, KnockError } from "../../base/errors.ts";

/** Which transactions are visible: those before `xmin`, and those before `xmax` that were not under way. */
export interface Snapshot {
  text: string;
  xmin: bigint;
  xmax: bigint;
  underWay: readonly bigint[];
}

/** The most transactions that are under way at once in a snapshot that a cursor may hold. */
const MOST_UNDER_WAY = 5_000;

const SNAPSHOT = /^(\d{1,19}):(\d{1,19}):(\d{1,19}(?:,\d{1,19})*)?$/;

const FURTHEST = 2n ** 63n;

/** Reads a snapshot as PostgreSQL writes it; `null` for a text that is none. */
export function snapshotOf(text: string): Snapshot | null {
  const [, low, high, between = ""] = SNAPSHOT.exec(text) ?? [];
  if (low === undefined || high === undefined) return null;
  const [xmin, xmax] = [BigInt(low), BigInt(high)];
  const underWay = between === "" ? [] : between.split(",").map(BigInt);
  const sound = xmin <= xmax && xmax < FURTHEST && underWay.every((xid) => xid >= xmin && xid < xmax);
  return sound && underWay.length <= MOST_UNDER_WAY ? { text, xmin, xmax, underWay } : null;
}

/** Whether a snapshot shows what a transaction did. */
export const shows = ({ xmin, xmax, underWay }: Snapshot, xid: bigint): boolean =>
  xid < xmin || (xid < xmax && !underWay.includes(xid));

/** Where somebody stands. */
export interface Position {
  /** What has been told. */
  from: Snapshot;
  /** When that was taken, in milliseconds since 1970. */
  at: number;
  /** In the middle of one read: what it showed, and the key of the last event of it that was told. */
  within: { to: Snapshot; after: string } | null;
}

/** The opaque text of a position. */
export const cursorOf = ({ from, at, within }: Position): string =>
  Buffer.from(JSON.stringify([from.text, at, ...(within ? [within.to.text, within.after] : [])])).toString("base64url");

function decode(cursor: string): Position | null {
  const decoded = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown;
  if (!Array.isArray(decoded)) return null;
  const [from, at, to, after] = decoded as unknown[];
  const start = typeof from === "string" ? snapshotOf(from) : null;
  // A time that the database does not know would fail the look that is taken for everybody.
  if (start === null || typeof at !== "number" || !Number.isSafeInteger(at) || at < 0) return null;
  const begun = { from: start, at };
  if (to === undefined) return { ...begun, within: null };
  const end = typeof to === "string" ? snapshotOf(to) : null;
  return end && typeof after === "string" ? { ...begun, within: { to: end, after } } : null;
}

/**
 * The position of a cursor.
 *
 * @throws KnockError `INVALID_INPUT` for a text that is none.
 */
export function positionOf(cursor: string): Position {
  const issues: Issue[] = [{ path: ["after"], message: "after is not a cursor of this feed.", code: "invalid_cursor" }];
  let position: Position | null = null;
  try {
    position = decode(cursor);
  } catch {
    // What cannot be decoded is no cursor.
  }
  if (position === null) throw new KnockError("INVALID_INPUT", { subject: "The subscription", issues });
  return position;
}
