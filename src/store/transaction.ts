// A caller's own transaction, whatever it is made of, as something that store functions take.

import { is } from "drizzle-orm";
import { nodePgCodecs } from "drizzle-orm/node-postgres/codecs";
import { PgAsyncDatabase } from "drizzle-orm/pg-core";
import { drizzle } from "drizzle-orm/pg-proxy";
import { postgresJsCodecs } from "drizzle-orm/postgres-js/codecs";
import { KnockError } from "../base/errors.ts";
import type { Executor } from "./executor.ts";

/** A transaction as node-postgres clients and PGlite have it, or anything else that answers like them. */
export interface QueryTransaction {
  query(text: string, params: unknown[]): Promise<{ rows: unknown[] }>;
}

/** A transaction of postgres.js: what `sql.begin` hands to its callback. */
export interface UnsafeTransaction {
  unsafe(text: string, params: never[], options: { prepare: boolean }): PromiseLike<unknown>;
}

type Row = Record<string, unknown>;

/** The driver may have made a `Date` of a timestamp already; ours come as text and are read by drizzle. */
const asText = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);

function toArrays(rows: Row[], width: number | undefined): unknown[][] {
  return rows.map((row) => {
    const values = Object.values(row);
    // Rows keyed by name lose one of two columns that are named alike, and all that follow would shift.
    if (width !== undefined && values.length !== width) {
      throw new Error("two columns of one result have the same name, which this kind of transaction cannot tell apart");
    }
    return values.map(asText);
  });
}

function proxy(
  run: (text: string, params: unknown[]) => Promise<{ rows: Row[]; width: number | undefined }>,
  codecs: NonNullable<Parameters<typeof drizzle>[1]>["codecs"],
): Executor {
  return drizzle(
    async (text, params, method) => {
      const { rows, width } = await run(text, params as unknown[]);
      if (method === "all") return { rows: toArrays(rows, width) };
      return {
        rows: rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, asText(value)]))),
      };
    },
    codecs === undefined ? {} : { codecs },
  );
}

const fromUnsafe = (tx: UnsafeTransaction): Executor =>
  proxy(async (text, params) => {
    const rows = (await tx.unsafe(text, params as never[], { prepare: true })) as Row[] & { columns?: unknown[] };
    return { rows: [...rows], width: rows.columns?.length };
  }, postgresJsCodecs);

const fromQuery = (tx: QueryTransaction): Executor =>
  proxy(async (text, params) => {
    const { rows, ...rest } = await tx.query(text, params);
    return { rows: rows as Row[], width: (rest as { fields?: unknown[] }).fields?.length };
  }, nodePgCodecs);

function has<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return value !== null && (typeof value === "object" || typeof value === "function") && name in value;
}

/**
 * Makes a caller's own transaction usable by store functions. Takes a transaction of drizzle (on postgres.js,
 * node-postgres or PGlite, any version), of postgres.js, or anything with `query(text, params)` that answers
 * `{ rows }`. Errors: `INVALID_INPUT` for anything else.
 *
 * @example
 * await sql.begin(async (tx) => claimKeys(wrapTransaction(tx), claims, now));
 */
export function wrapTransaction(tx: unknown): Executor {
  if (is(tx, PgAsyncDatabase)) return tx as Executor;
  if (has(tx, "unsafe") && typeof tx.unsafe === "function") return fromUnsafe(tx as UnsafeTransaction);
  if (has(tx, "query") && typeof tx.query === "function") return fromQuery(tx as QueryTransaction);
  // An earlier drizzle: other classes around the same kinds of client.
  if (has(tx, "session") && has(tx.session, "client")) return wrapTransaction(tx.session.client);
  throw new KnockError("INVALID_INPUT", {
    subject: "The transaction",
    issues: [
      {
        path: ["tx"],
        message: "it is neither a transaction of drizzle or postgres.js nor an object with query(text, params).",
        code: "invalid_type",
      },
    ],
  });
}
