// Data that is stored and that a new schema does not take any more: found before the deploy, not by the runs after it.
import type { z } from "zod";
import type { JsonObject } from "../../base/canonical-json.ts";
import { slicesOf } from "../../base/arrays.ts";
import { messageOf } from "../../base/message-of.ts";
import { pathText } from "../../base/path-text.ts";
import type { Executor } from "../../store/executor.ts";
import {
  batchUses,
  readData,
  scheduleUses,
  waitingUses,
  type DataUse,
  type UsesWanted,
} from "../../store/under-way.ts";
import type { StoredData } from "./plan.ts";

/** Rows of one kind that are looked at, for each workflow. */
const MOST_LOOKED_AT = 10_000;

/** Workflows of one look at what is under way, which costs the same for one of them and for many. */
const WORKFLOWS_PER_LOOK = 20;

/** Rows whose data is read at once, and bytes of it as it is stored: compressed, one may be ten times as large. */
const PORTION = { rows: 500, bytes: 2_000_000 };

/** The parsers of a workflow's data. */
export interface Schemas {
  /** What is deployed now; `null` when it cannot be loaded. What does not fit that either is nothing new. */
  before: z.ZodObject | null;
  after: z.ZodObject;
}

/** What is wrong with data, as path and message; `null` when it fits. */
async function problemOf(schema: z.ZodObject, data: JsonObject): Promise<string | null> {
  try {
    const { error } = await schema.safeParseAsync(data);
    const [issue] = error?.issues ?? [];
    return issue ? `${pathText(["data", ...issue.path])}: ${issue.message}` : null;
  } catch (thrown) {
    return `data: the schema fails on it: ${messageOf(thrown)}`;
  }
}

const newProblem = async ({ before, after }: Schemas, data: JsonObject): Promise<string | null> => {
  const problem = await problemOf(after, data);
  return problem !== null && (before === null || (await problemOf(before, data)) === null) ? problem : null;
};

/** The problems of rows, by id. Holds the data of one portion at a time. */
async function problemsIn(
  db: Executor,
  table: Parameters<typeof readData>[1],
  { ids, schemas }: { ids: readonly string[]; schemas: Schemas },
): Promise<Map<string, string>> {
  const problems = new Map<string, string>();
  for (const slice of slicesOf([...ids].toSorted(), PORTION.rows)) {
    let left = slice;
    while (left.length > 0) {
      const found = await readData(db, table, { ids: left, bytes: PORTION.bytes });
      for (const { id, data } of found) {
        const problem = await newProblem(schemas, data);
        if (problem !== null) problems.set(id, problem);
      }
      const last = found.at(-1)?.id;
      left = last === undefined ? [] : left.filter((id) => id > last);
    }
  }
  return problems;
}

interface Kind {
  of: StoredData["of"];
  table: Parameters<typeof readData>[1];
  uses: (db: Executor, wanted: UsesWanted) => Promise<DataUse[]>;
}

const KINDS: readonly Kind[] = [
  { of: "schedules", table: "schedules", uses: scheduleUses },
  { of: "waiting runs", table: "notifications", uses: waitingUses },
  { of: "open batches", table: "notifications", uses: batchUses },
];

/** How many schedules or runs; of batches, how many different ones. */
function countOf(uses: readonly DataUse[]): number {
  const batches = new Set(uses.flatMap(({ batch }) => batch ?? []));
  return batches.size > 0 ? batches.size : uses.reduce((sum, { uses: each }) => sum + each, 0);
}

/** What does not fit among the uses of one kind in one workflow. */
async function misfitsAmong(
  db: Executor,
  { of, table }: Kind,
  { used, schemas }: { used: readonly DataUse[]; schemas: Schemas },
): Promise<StoredData[]> {
  const problems = await problemsIn(db, table, { ids: [...new Set(used.map(({ id }) => id))], schemas });
  const misfits = used.filter(({ id }) => problems.has(id));
  const [first] = misfits;
  if (!first) return [];
  return [{ of, misfits: countOf(misfits), looked: countOf(used), problem: problems.get(first.id)! }];
}

/**
 * Looks at the data of what is under way in workflows, given with their parsers: of each at most 10,000 rows of each
 * kind. Kinds in which all fits are left out.
 */
export async function misfitsOf(
  db: Executor,
  checked: ReadonlyMap<string, Schemas>,
): Promise<ReadonlyMap<string, StoredData[]>> {
  const found = new Map<string, StoredData[]>();
  for (const workflows of slicesOf([...checked.keys()], WORKFLOWS_PER_LOOK)) {
    for (const kind of KINDS) {
      const uses = await kind.uses(db, { workflows, limit: MOST_LOOKED_AT });
      for (const [key, used] of Map.groupBy(uses, ({ workflow }) => workflow)) {
        const misfits = await misfitsAmong(db, kind, { used, schemas: checked.get(key)! });
        found.set(key, [...(found.get(key) ?? []), ...misfits]);
      }
    }
  }
  return found;
}
