import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { lockDirectory } from "../../src/store/directory-lock.ts";
import { rows } from "../../src/store/executor.ts";
import { migrate, migrationState } from "../../src/store/migrate.ts";
import { preparedDirectory } from "../../src/store/prepared-directory.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "knock-lock-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const lockFile = () => join(directory, "lock.json");
const open = async () => openDatabase({ directory }, { loadFrom: await preparedDirectory() });

test("a database keeps what was stored, and begins with all tables", async () => {
  const first = await open();
  expect(await migrationState(first)).toEqual({ state: "current" });
  await rows(first.db, sql`insert into knock.tenants (id, created_at, updated_at) values ('acme', now(), now())`);
  await first.close();
  const second = await open();
  expect(await migrate(second)).toEqual([]);
  expect(await rows(second.db, sql`select id from knock.tenants`)).toEqual([{ id: "acme" }]);
  await second.close();
  expect(await readdir(directory)).toEqual(["database"]);
});

test("a directory that cannot be one is refused with the reason", async () => {
  const file = join(directory, "file");
  await writeFile(file, "");
  const refusal = (target: string, problem: string) => ({
    code: "DIRECTORY_UNUSABLE",
    message: `The embedded database cannot be kept in ${target}: ${problem}.`,
  });
  await expect(openDatabase({ directory: file })).rejects.toMatchObject(refusal(file, "that is a file"));
  const below = join(file, "knock");
  await expect(openDatabase({ directory: below })).rejects.toMatchObject(
    refusal(below, "a part of the path is a file"),
  );
  expect(await readFile(file, "utf8")).toBe("");
});

test("a second opening is refused and told how to reach the first", async () => {
  const first = await open();
  await expect(open()).rejects.toMatchObject({ code: "DATABASE_LOCKED", details: { pid: process.pid, url: null } });
  await first.announce("http://127.0.0.1:4400");
  await expect(open()).rejects.toMatchObject({ hint: "Talk to that process at http://127.0.0.1:4400, or stop it." });
  await first.close();
  await (await open()).close();
});

test("the lock of a process that is gone is taken over", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  await writeFile(lockFile(), JSON.stringify({ pid: child.pid, startedAt: null, token: "old", url: null }));
  await (await lockDirectory(directory)).release();
});

test("a process that merely has the pid of the former holder is no holder", async () => {
  await writeFile(
    lockFile(),
    JSON.stringify({ pid: process.pid, startedAt: "before the last restart", token: "old", url: null }),
  );
  await (await lockDirectory(directory)).release();
});

test("a lock that nobody can read is taken over", async () => {
  await writeFile(lockFile(), "half a li");
  await (await lockDirectory(directory)).release();
});

test("of many that find a stale lock at once, one gets it", async () => {
  await writeFile(lockFile(), JSON.stringify({ pid: 2 ** 22 + 1, startedAt: null, token: "old", url: null }));
  const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory)));
  const held = await Promise.allSettled(
    attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value.confirm()] : [])),
  );
  expect(held.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await readdir(directory)).toEqual(["lock.json"]);
});

test("releasing a lock that someone else has taken over leaves theirs", async () => {
  const mine = await lockDirectory(directory);
  const theirs = JSON.stringify({ pid: process.pid, startedAt: null, token: "theirs", url: null });
  await writeFile(lockFile(), theirs);
  await expect(mine.confirm()).rejects.toMatchObject({ code: "DATABASE_LOCKED" });
  await mine.release();
  expect(await readFile(lockFile(), "utf8")).toBe(theirs);
});

test("a first start that was killed half-way is begun again", async () => {
  await mkdir(join(directory, "database"));
  await writeFile(join(directory, "database", "PG_VERSION"), "18\n");
  await writeFile(join(directory, "unfinished"), "");
  const database = await open();
  expect(await migrationState(database)).toEqual({ state: "current" });
  await database.close();
});
