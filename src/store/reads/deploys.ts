// What people and programs read of deploys, and of the versions that they made.
import { sql } from "drizzle-orm";
import { findUnstorable } from "../../base/text.ts";
import type { DeployChange, DeployKind } from "../deploys.ts";
import { instant, rows, type Executor } from "../executor.ts";
import { type Page, type PageArguments, pageBy } from "../paging.ts";
import { where } from "./notifications.ts";

/** What a deploy did to one workflow. */
export interface DeployChangeRead {
  workflow: string;
  change: DeployChange;
  /** Numbers of the versions; `null` for none. */
  from: number | null;
  to: number | null;
}

/** A deploy as it is read. */
export interface DeployRead {
  id: string;
  kind: DeployKind;
  commit: string | null;
  author: string | null;
  createdAt: Date;
  /** By workflow. */
  changes: DeployChangeRead[];
}

type Raw<Read> = Omit<Read, "createdAt"> & { createdAt: string } & Record<string, unknown>;

const fromRaw = <Read extends { createdAt: Date }>(raw: Raw<Read>): Read =>
  ({ ...raw, createdAt: instant(raw.createdAt) }) as unknown as Read;

const deployColumns = sql`deploy.id, deploy.kind, deploy.commit, deploy.author, deploy.created_at as "createdAt", (
  select jsonb_agg(jsonb_build_object('workflow', change.workflow, 'change', change.change, 'from', before.number,
    'to', after.number) order by change.workflow)
  from knock.deploy_changes as change
    left join knock.workflow_versions as before on before.id = change.from_version_id
    left join knock.workflow_versions as after on after.id = change.to_version_id
  where change.deploy_id = deploy.id
) as changes`;

/** Deploys by id. */
export async function readDeploys(db: Executor, ids: readonly string[]): Promise<Map<string, DeployRead>> {
  const found = await rows<Raw<DeployRead>>(
    db,
    sql`select ${deployColumns} from knock.deploys as deploy where id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Map(found.map((raw) => [raw.id, fromRaw<DeployRead>(raw)]));
}

/** One page of the deploys, newest first. Errors: `INVALID_INPUT` for a cursor or size that is none. */
export async function pageDeploys(db: Executor, args: PageArguments): Promise<Page<DeployRead>> {
  const keyset = pageBy({ column: sql`deploy.id`, key: "id", descending: true }, args);
  const found = await rows<Raw<DeployRead>>(
    db,
    sql`select ${deployColumns} from knock.deploys as deploy ${where([keyset.where])}
    order by ${keyset.orderBy} limit ${keyset.limit}::int`,
  );
  return keyset.page(found.map(fromRaw<DeployRead>), ({ id }) => id);
}

/** A deploy that made a version current. */
export interface DeployOfVersion {
  id: string;
  kind: DeployKind;
  at: Date;
  commit: string | null;
  author: string | null;
}

/** A version of a workflow as it is read. */
export interface VersionRead {
  id: string;
  workflow: string;
  number: number;
  /** SHA-256 of the structure. */
  hash: string;
  /** Hash of the code; `null` for a version that processes took from their own checkout. */
  artifact: string | null;
  createdAt: Date;
  /** New runs have this version; of an archived workflow none has. */
  current: boolean;
  /** The deploys that made it current, newest first. */
  deploys: DeployOfVersion[];
}

type RawVersion = Raw<Omit<VersionRead, "deploys">> & {
  deploys: (Omit<DeployOfVersion, "at"> & { at: string })[] | null;
};

const versionColumns = sql`version.id, version.workflow, version.number, version.hash, version.artifact,
  version.created_at as "createdAt",
  coalesce((select version_id = version.id and status <> 'archived' from knock.workflows where key = version.workflow), false)
    as current,
  (
    select jsonb_agg(jsonb_build_object('id', deploy.id, 'kind', deploy.kind, 'at', deploy.created_at,
      'commit', deploy.commit, 'author', deploy.author) order by deploy.id desc)
    from knock.deploy_changes as change join knock.deploys as deploy on deploy.id = change.deploy_id
    where change.workflow = version.workflow and change.to_version_id = version.id
  ) as deploys`;

const versionOf = ({ deploys, ...raw }: RawVersion): VersionRead => ({
  ...(raw as unknown as Omit<VersionRead, "deploys" | "createdAt">),
  createdAt: instant(raw.createdAt),
  deploys: (deploys ?? []).map(({ at, ...deploy }) => ({ ...deploy, at: instant(at) })),
});

/** Numbers as texts that sort as the numbers do, so that a cursor can be any text. */
const position = sql`lpad(version.number::text, 10, '0')`;

/** One page of the versions of a workflow, newest first. Errors: `INVALID_INPUT` for a cursor or size that is none. */
export async function pageVersions(db: Executor, workflow: string, args: PageArguments): Promise<Page<VersionRead>> {
  const keyset = pageBy({ column: position, key: "text", descending: true }, args);
  const keyOf = ({ number }: VersionRead) => String(number).padStart(10, "0");
  // The database would refuse to look for what it cannot hold.
  if (findUnstorable(workflow)) return keyset.page([], keyOf);
  const found = await rows<RawVersion>(
    db,
    sql`select ${versionColumns} from knock.workflow_versions as version
    ${where([sql`version.workflow = ${workflow}`, keyset.where])} order by ${keyset.orderBy} limit ${keyset.limit}::int`,
  );
  return keyset.page(found.map(versionOf), keyOf);
}

/** Runs that wait, by version id. Costs a look at every run that waits, of any version: ask when someone wants to know. */
export async function openRunsOf(db: Executor, versionIds: readonly string[]): Promise<Map<string, number>> {
  const found = await rows<{ id: string; runs: number }>(
    db,
    sql`select version_id as id, count(*)::int as runs from knock.runs
    where wake_at is not null and version_id = any(${sql.param(versionIds)}::uuid[]) group by version_id`,
  );
  const runs = new Map(found.map((row) => [row.id, row.runs]));
  return new Map(versionIds.map((id) => [id, runs.get(id) ?? 0]));
}
