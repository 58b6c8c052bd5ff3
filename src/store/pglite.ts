import { mkdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { nextTurn } from "../base/clock.ts";
import { KnockError } from "../base/errors.ts";
import type { Database } from "./database.ts";
import { type DirectoryLock, lockDirectory } from "./directory-lock.ts";
import { pgliteJobDatabase } from "./job-database.ts";
import { prepareOnce } from "./pglite-statements.ts";

const DIRECTORY_PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: "it is not writable",
  EPERM: "it is not writable",
  EROFS: "it is not writable",
  ENOSPC: "the disk is full",
  EEXIST: "that is a file",
  ENOTDIR: "a part of the path is a file",
};

function directoryUnusable(directory: string, error: unknown): KnockError | null {
  const problem = DIRECTORY_PROBLEMS[(error as NodeJS.ErrnoException | null)?.code ?? ""];
  return problem === undefined ? null : new KnockError("DIRECTORY_UNUSABLE", { directory, problem }, { cause: error });
}

/**
 * Opens the embedded database: PostgreSQL in this process, one session, no fsync. What is committed
 * survives a killed process, not a power cut. See `openDatabase`.
 */
export async function openPglite(directory: string | null, loadFrom?: Blob): Promise<Database> {
  if (directory === null) return embeddedDatabase(await start(undefined, loadFrom), "memory", null);
  const lock = await lockDirectory(directory).catch((error: unknown) => {
    throw directoryUnusable(directory, error) ?? error;
  });
  try {
    const pglite = await startIn(directory, loadFrom);
    // Two processes that took over the same stale lock at once: the one that lost it steps back.
    await lock.confirm();
    return embeddedDatabase(pglite, directory, lock);
  } catch (error) {
    await lock.release();
    throw directoryUnusable(directory, error) ?? error;
  }
}

/**
 * Opens PGlite and lets the event loop turn before each statement: PGlite answers within the present turn, so a
 * process that works through a broadcast would hear no request and no timer until the end.
 */
async function start(path: string | undefined, loadFrom: Blob | undefined): Promise<PGlite> {
  const options = loadFrom ? { loadDataDir: loadFrom } : {};
  const pglite = path === undefined ? await PGlite.create(options) : await PGlite.create(path, options);
  await pglite.exec("set timezone to 'UTC'");
  prepareOnce(pglite);
  const query = pglite.query.bind(pglite);
  pglite.query = async (...statement) => {
    await nextTurn();
    return query(...statement);
  };
  return pglite;
}

async function startIn(directory: string, loadFrom: Blob | undefined): Promise<PGlite> {
  const path = join(directory, "database");
  const unfinished = join(directory, "unfinished");
  // Killed while the files were first written: what is there is no database.
  if (existsSync(unfinished)) await rm(path, { recursive: true, force: true });
  if (existsSync(path)) return start(path, undefined);
  await writeFile(unfinished, "");
  await mkdir(path, { recursive: true });
  const pglite = await start(path, loadFrom);
  await rm(unfinished);
  return pglite;
}

/** The `Database` of an open PGlite. */
export function embeddedDatabase(pglite: PGlite, address: string, lock: DirectoryLock | null): Database {
  const db = drizzle({ client: pglite });
  return {
    driver: "pglite",
    address,
    db,
    async transaction(work) {
      // As for single statements: see `start`.
      await nextTurn();
      return db.transaction(work);
    },
    // There is one session; nothing else can hold a lock against us.
    session: (work) => work({ db, transaction: (inner) => db.transaction(inner) }),
    async listen(channel, onPayload, onSubscribed = () => {}) {
      // Quoted, as the other driver does; the function that PGlite answers with would drop the quotes.
      const quoted = `"${channel}"`;
      await pglite.listen(quoted, onPayload);
      onSubscribed();
      return () => pglite.unlisten(quoted, onPayload);
    },
    notify: async (channel, payload) => void (await pglite.query("select pg_notify($1, $2)", [channel, payload])),
    jobDatabase: () => pgliteJobDatabase(pglite),
    announce: async (url) => lock?.announce(url),
    ping: async () => void (await pglite.query("select 1")),
    async close() {
      if (!pglite.closed) await pglite.close();
      await lock?.release();
    },
  };
}
