// PGlite itself lets two processes open one directory, and both would damage it.

import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { KnockError } from "../base/errors.ts";

/** What the lock file says about the process that holds it. */
interface Holder {
  pid: number;
  /** When that process began, as the system tells it: a later process may get the same pid. */
  startedAt: string | null;
  /** Distinguishes two holders in one process. */
  token: string;
  /** Where its server answers. */
  url: string | null;
}

export interface DirectoryLock {
  /** Tells others where this process can be reached. */
  announce(url: string): Promise<void>;
  /** Throws `DATABASE_LOCKED` unless the lock is still ours. */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

/** The start of a process in the system's own words, or `null` when it cannot be told. */
async function processStart(pid: number): Promise<string | null> {
  try {
    if (process.platform === "linux") {
      // Field 22, counted after the name, which may itself hold spaces and brackets.
      const stat = await readFile(`/proc/${pid}/stat`, "utf8");
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
    }
    if (process.platform === "win32") return null;
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]);
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it is there, but belongs to someone else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const startedAt = await processStart(holder.pid);
  return startedAt === null || holder.startedAt === null || startedAt === holder.startedAt;
}

async function read(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return null;
  }
}

/** Puts a complete file in place unless one is there: a half-written lock is never seen. */
async function create(path: string, holder: Holder): Promise<boolean> {
  const draft = `${path}.${holder.token}`;
  await writeFile(draft, JSON.stringify(holder));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a lock whose process is gone. Moved aside first, so that a lock made meanwhile can be put back. */
async function removeStale(path: string, stale: Holder): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await read(aside);
  if (moved && moved.token !== stale.token) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** Takes the directory for this process. Errors: `DATABASE_LOCKED` with the way to reach the holder. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, "lock.json");
  const mine: Holder = { pid: process.pid, startedAt: await processStart(process.pid), token: randomUUID(), url: null };
  const refusal = ({ pid, url }: Holder) => new KnockError("DATABASE_LOCKED", { directory, pid, url });

  while (!(await create(path, mine))) {
    const holder = await read(path);
    if (holder && (await isAlive(holder))) throw refusal(holder);
    // An unreadable lock is not one of ours: those appear complete.
    await removeStale(path, holder ?? { ...mine, token: "" });
  }

  const holds = async () => (await read(path))?.token === mine.token;
  return {
    async announce(url) {
      const draft = `${path}.${mine.token}`;
      await writeFile(draft, JSON.stringify({ ...mine, url }));
      await rename(draft, path);
    },
    async confirm() {
      if (await holds()) return;
      throw refusal((await read(path)) ?? mine);
    },
    async release() {
      if (await holds()) await rm(path, { force: true });
    },
  };
}
