import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { type Issue, KnockError } from "../base/errors.ts";
import { isId } from "../base/ids.ts";
import { findUnstorable } from "../base/text.ts";

/** Which part of a list is wanted, in the words of relay connections. Default: the first 50. */
export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** One part of a list. */
export interface Page<Node> {
  nodes: Node[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  /** Cursor of the first node; `null` when there is none. */
  startCursor: string | null;
  endCursor: string | null;
}

/** How a list is ordered. Keyset paging needs one column with unique values that is indexed in that order. */
export interface PageOrder {
  column: SQLWrapper;
  /** What to sort by when `column` is a row of several: each of them in the same direction. Default: the column. */
  sorted?: readonly SQLWrapper[];
  /** Newest first, for ids that begin with their time. Default: false. */
  descending?: boolean;
  /** What the column holds: it decides which cursors are refused. */
  key: PageKey;
}

/** `arrival`: a time and an id (`arrivalKey`), for lists in the order of arrival. */
type PageKey = "text" | "id" | "arrival";

/** The parts of a query that reads one page, and the page made of its rows. */
export interface Keyset {
  /** To be joined to other conditions with `and`. */
  where: SQL | undefined;
  orderBy: SQL;
  /** One more than wanted, to see whether there is a next page. */
  limit: number;
  page<Node>(rows: Node[], keyOf: (node: Node) => string): Page<Node>;
}

const DEFAULT_SIZE = 50;

/** The most nodes of one page. */
export const MAX_PAGE_SIZE = 100;

/** The opaque cursor of a key. */
export const encodeCursor = (key: string): string => Buffer.from(JSON.stringify([key])).toString("base64url");

/** What a cursor holds of something that arrived. */
export const arrivalKey = ({ arrivedAt, id }: { arrivedAt: Date; id: string }): string =>
  `${arrivedAt.toISOString()} ${id}`;

const ARRIVAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (.{36})$/;

// A malformed id or time would be an error of the database rather than of the caller.
const fits: Record<PageKey, (value: string) => boolean> = {
  text: () => true,
  id: isId,
  arrival: (value) => isId(ARRIVAL.exec(value)?.[1] ?? "") && !Number.isNaN(Date.parse(value.slice(0, 24))),
};

/** A value of a cursor, to be compared with the column. */
const compared = (value: string, key: PageKey): SQL =>
  key === "arrival" ? sql`(${value.slice(0, 24)}::text::timestamptz, ${value.slice(25)}::uuid)` : sql`${value}`;

function decodeCursor(cursor: string, key: PageKey): string | null {
  try {
    const decoded = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown;
    const [value, ...rest] = Array.isArray(decoded) ? (decoded as unknown[]) : [];
    if (typeof value !== "string" || rest.length > 0 || findUnstorable(value) !== null) return null;
    return fits[key](value) ? value : null;
  } catch {
    return null;
  }
}

const invalid = (name: string, message: string, code: string): never => {
  const issues: Issue[] = [{ path: [name], message, code }];
  throw new KnockError("INVALID_INPUT", { subject: "The page", issues });
};

function sizeOf(name: "first" | "last", size: number): number {
  if (Number.isInteger(size) && size >= 0 && size <= MAX_PAGE_SIZE) return size;
  return invalid(name, `${name} is a whole number from 0 to ${MAX_PAGE_SIZE}.`, "out_of_range");
}

/**
 * Turns page arguments into the parts of a keyset query: constant cost however far one pages, and no
 * node twice or missed while others are added. Errors: `INVALID_INPUT` for a cursor or size that is none.
 *
 * @example
 * const keyset = pageBy({ column: users.id, key: "text" }, args);
 * const found = await db.select().from(users).where(keyset.where).orderBy(keyset.orderBy).limit(keyset.limit);
 * return keyset.page(found, ({ id }) => id);
 */
export function pageBy(order: PageOrder, args: PageArguments): Keyset {
  if (args.first != null && args.last != null) invalid("last", "A page has either first or last.", "conflict");
  const backward = args.last != null || (args.first == null && args.before != null);
  const size = backward ? sizeOf("last", args.last ?? DEFAULT_SIZE) : sizeOf("first", args.first ?? DEFAULT_SIZE);
  const bound = (name: "after" | "before") => {
    const cursor = args[name];
    return cursor == null
      ? null
      : (decodeCursor(cursor, order.key) ?? invalid(name, `${name} is not a cursor of this list.`, "invalid_cursor"));
  };
  const after = bound("after");
  const before = bound("before");
  const [beyond, short] = order.descending ? [sql`<`, sql`>`] : [sql`>`, sql`<`];
  const conditions = [
    ...(after === null ? [] : [sql`${order.column} ${beyond} ${compared(after, order.key)}`]),
    ...(before === null ? [] : [sql`${order.column} ${short} ${compared(before, order.key)}`]),
  ];
  const direction = backward === (order.descending ?? false) ? sql`asc` : sql`desc`;
  const sorted = (order.sorted ?? [order.column]).map((column) => sql`${column} ${direction}`);
  return {
    where: conditions.length > 0 ? sql.join(conditions, sql` and `) : undefined,
    orderBy: sql.join(sorted, sql`, `),
    limit: size + 1,
    page: (rows, keyOf) => {
      const more = rows.length > size;
      const wanted = rows.slice(0, size);
      const nodes = backward ? wanted.toReversed() : wanted;
      return {
        nodes,
        // What lies beyond a cursor that the caller came from is known to exist without looking.
        hasNextPage: backward ? before !== null : more,
        hasPreviousPage: backward ? more : after !== null,
        startCursor: nodes.length > 0 ? encodeCursor(keyOf(nodes[0]!)) : null,
        endCursor: nodes.length > 0 ? encodeCursor(keyOf(nodes.at(-1)!)) : null,
      };
    },
  };
}
