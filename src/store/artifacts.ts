// Code that was deployed, by its hash: written once, never changed, gone when no version needs it.
import { sql } from "drizzle-orm";
import { slicesOf } from "../base/arrays.ts";
import { rows, type Executor } from "./executor.ts";
import { storable } from "./input.ts";

/** A stored artifact. */
export interface StoredArtifact {
  hash: string;
  code: string;
  sourceMap: string | null;
  imports: string[];
}

/** Artifacts that one statement carries: with their source maps, one may have a megabyte. */
const PER_STATEMENT = 50;

/** Artifacts by hash; one that is not stored is absent. */
export const findArtifacts = (db: Executor, hashes: readonly string[]): Promise<StoredArtifact[]> =>
  rows<StoredArtifact & Record<string, unknown>>(
    db,
    sql`select hash, code, source_map as "sourceMap", imports from knock.artifacts
    where hash = any(${sql.param(storable(hashes))}::text[])`,
  );

/** Those of the hashes that are not stored, or with code that is not theirs any more, in their order. */
export async function missingHashes(db: Executor, hashes: readonly string[]): Promise<string[]> {
  const found = await rows<{ hash: string }>(
    db,
    sql`select hash from knock.artifacts
    where hash = any(${sql.param(storable(hashes))}::text[]) and hash = encode(sha256(convert_to(code, 'UTF8')), 'hex')`,
  );
  const known = new Set(found.map(({ hash }) => hash));
  return hashes.filter((hash) => !known.has(hash));
}

/**
 * Stores artifacts, whose code must have been checked against their hashes. One that is stored already counts as young
 * again, and has its own code again if somebody had changed it.
 */
export async function insertArtifacts(db: Executor, artifacts: readonly StoredArtifact[], now: Date): Promise<void> {
  // In one order, so that two who store the same at once wait for each other and not in a circle.
  const sorted = artifacts.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
  for (const slice of slicesOf(sorted, PER_STATEMENT)) {
    const column = <T>(read: (artifact: StoredArtifact) => T) => sql.param(slice.map(read));
    await rows(
      db,
      sql`insert into knock.artifacts (hash, code, source_map, imports, created_at)
      select hash, code, source_map, array(select jsonb_array_elements_text(imports::jsonb)), ${now.toISOString()}::timestamptz
      from unnest(${column(({ hash }) => hash)}::text[], ${column(({ code }) => code)}::text[],
        ${column(({ sourceMap }) => sourceMap)}::text[], ${column(({ imports }) => JSON.stringify(imports))}::text[])
        as given (hash, code, source_map, imports)
      on conflict (hash) do update set created_at = greatest(artifacts.created_at, excluded.created_at),
        code = case when artifacts.code = excluded.code then artifacts.code else excluded.code end,
        imports = excluded.imports`,
    );
  }
}

/** Artifacts with all that they import, as far as it is stored. */
const needing = (hashes: readonly string[]) => sql`with recursive needed as (
    select unnest(${sql.param(hashes)}::text[]) as hash
    union
    select unnest(artifact.imports) from needed join knock.artifacts as artifact on artifact.hash = needed.hash
  )`;

/**
 * Lets artifacts, and all that they import, count as young again, so that no purge that is under way takes them. Answers
 * the hashes of those that are not stored.
 */
export async function holdArtifacts(db: Executor, hashes: readonly string[], now: Date): Promise<string[]> {
  await rows(
    db,
    sql`${needing(hashes)} update knock.artifacts set created_at = greatest(created_at, ${now.toISOString()}::timestamptz)
    where hash in (select hash from needed)`,
  );
  // A statement of its own, so that it sees what was purged while this one waited.
  const missing = await rows<{ hash: string }>(
    db,
    sql`${needing(hashes)} select hash from needed
    where not exists (select from knock.artifacts as artifact where artifact.hash = needed.hash)`,
  );
  return missing.map(({ hash }) => hash);
}

/**
 * Deletes at most `limit` artifacts that are older than a time and that no version needs, itself or through what it
 * imports. Answers how many.
 */
export async function purgeArtifacts(db: Executor, olderThan: Date, limit: number): Promise<number> {
  const purged = await rows(
    db,
    sql`with recursive needed as (
      select artifact as hash from knock.workflow_versions where artifact is not null
      union
      select unnest(artifact.imports) from needed join knock.artifacts as artifact on artifact.hash = needed.hash
    )
    delete from knock.artifacts where hash in (
      select hash from knock.artifacts
      where created_at < ${olderThan.toISOString()}::text::timestamptz and hash not in (select hash from needed)
      order by hash limit ${limit}::int for update skip locked
    ) returning 1`,
  );
  return purged.length;
}
