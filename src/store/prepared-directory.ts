import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Database } from "./database.ts";
import { migrate, migrationsFolder } from "./migrate.ts";
import { embeddedDatabase } from "./pglite.ts";

/** What the engine adds to a database, such as the job tables; `version` is part of the cache's key. */
export interface Preparation {
  version: string;
  run(database: Database): Promise<void>;
}

interface Manifest {
  dependencies: Record<string, string>;
}

/** node_modules/.cache/knock beside the package itself, in a clone as well as when it is installed. */
function cacheFolder(): string | null {
  for (let folder = fileURLToPath(new URL("../..", import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "node_modules"))) return join(folder, "node_modules", ".cache", "knock");
    if (folder === dirname(folder)) return null;
  }
}

async function keyOf(preparation: Preparation | null): Promise<string> {
  const hash = createHash("sha256");
  const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as Manifest;
  hash.update(`${manifest.dependencies["@electric-sql/pglite"]}\0${preparation?.version ?? ""}`);
  for (const migration of readMigrationFiles({ migrationsFolder })) hash.update(migration.name).update(migration.hash);
  return hash.digest("hex").slice(0, 16);
}

async function build(preparation: Preparation | null): Promise<Blob> {
  const pglite = await PGlite.create();
  const database = embeddedDatabase(pglite, "memory", null);
  try {
    await migrate(database);
    await preparation?.run(database);
    return await pglite.dumpDataDir("gzip");
  } finally {
    await database.close();
  }
}

/**
 * A data directory with all tables in place, as a tar: a new embedded database that begins with it is
 * ready in a third of the time. Built once and kept in the cache of node_modules; where that cannot be
 * written, built each time.
 *
 * @example
 * const database = await openDatabase({ directory }, { loadFrom: await preparedDirectory() });
 */
export async function preparedDirectory(preparation: Preparation | null = null): Promise<Blob> {
  const folder = cacheFolder();
  const file = join(folder ?? "", `database-${await keyOf(preparation)}.tar.gz`);
  if (folder && existsSync(file)) return new Blob([await readFile(file)], { type: "application/x-gzip" });
  const built = await build(preparation);
  if (folder) await keep(folder, file, built).catch(() => {});
  return built;
}

async function keep(folder: string, file: string, built: Blob): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, new Uint8Array(await built.arrayBuffer()));
  await rename(draft, file);
  // Earlier migrations leave their directories behind; the newest few serve other branches.
  const others = (await readdir(folder))
    .filter((name) => /^database-\w+\.tar\.gz$/.test(name))
    .map((name) => join(folder, name));
  const aged = await Promise.all(others.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
  const old = aged.toSorted((a, b) => b.at - a.at).slice(4);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}
