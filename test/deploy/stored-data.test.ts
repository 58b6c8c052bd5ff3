// Data that was stored under the old schema: found by the plan, before content meets it.
import { beforeAll, beforeEach, expect, test } from "vitest";
import { deployRelease, planDeploy } from "../../src/deploy/deploy.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { deployContext, deployed, planOf, releaseOf } from "../support/releases.ts";

const made = (data: string) => ({
  w: `{ data: ${data} })
  .batch("all", { key: ({ data }) => data.page, window: "1h" })
  .inApp("feed", { body: "b" })`,
  later: `{ data: ${data} }).delay("grace", "1h").inApp("feed", { body: "b" })`,
});

const loose = "z.object({ page: z.string(), note: z.string().optional() })";

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

async function begun(): Promise<Driven> {
  const context = deployContext(database);
  deployed(await deployRelease(context, await releaseOf(made(loose))));
  const driven = await drive({ database, clock: context.clock, content: "deployed" });
  const call = async (workflow: string, recipients: string[], data: Record<string, string>) =>
    accepted(await driven.knock.engine.notify({ workflow, recipients, data }));
  await call("later", ["a", "b", "c"], { page: "p", note: "secret" });
  await call("later", ["d", "e"], { page: "p" });
  await call("w", ["a"], { page: "1" });
  await call("w", ["a"], { page: "1", note: "secret" });
  await call("w", ["a", "b"], { page: "2" });
  const schedule = { recurrence: "0 9 * * *" };
  const create = (recipients: string[], data: object) =>
    driven.knock.schedules.create({ key: "later" } as never, { ...schedule, recipients, data: data as never });
  await create(["a", "b"], { page: "p", note: "x" });
  await create(["c"], { page: "p" });
  await driven.settle();
  return driven;
}

const planFor = async ({ clock }: Driven, data: string) =>
  planDeploy(deployContext(database, { clock }), await releaseOf(made(data)));

test("what does not fit any more is counted, with the first problem and no value", async () => {
  const driven = await begun();
  const plan = await planFor(driven, "z.object({ page: z.string(), note: z.number().optional() })");
  const problem = "data.note: Invalid input: expected number, received string";
  expect(planOf(plan, "later")).toMatchObject({
    stored: [
      { of: "schedules", misfits: 2, looked: 3, problem },
      { of: "waiting runs", misfits: 3, looked: 5, problem },
    ],
    breaking: expect.arrayContaining([
      `2 of 3 schedules do not fit: ${problem}`,
      `3 of 5 waiting runs do not fit: ${problem}`,
    ]),
  });
  expect(planOf(plan, "w").stored).toEqual([{ of: "open batches", misfits: 1, looked: 3, problem }]);
  expect(JSON.stringify(plan)).not.toContain("secret");
});

test("what JSON Schema cannot state is found as well", async () => {
  const driven = await begun();
  const plan = await planFor(
    driven,
    'z.object({ page: z.string(), note: z.string().refine((note) => note !== "secret", "is not polite").optional() })',
  );
  expect(planOf(plan, "later").data).toEqual([]);
  expect(planOf(plan, "later").stored).toEqual([
    { of: "waiting runs", misfits: 3, looked: 5, problem: "data.note: is not polite" },
  ]);
  expect(plan.breaking).toBe(true);
});

test("a schema that throws on what is stored does not break the plan", async () => {
  const driven = await begun();
  const plan = await planFor(
    driven,
    'z.object({ page: z.string(), note: z.string().refine((note) => { if (note === "x") throw new Error("oh no"); return true; }).optional() })',
  );
  expect(planOf(plan, "later").stored).toEqual([
    { of: "schedules", misfits: 2, looked: 3, problem: "data: the schema fails on it: oh no" },
  ]);
});

test("what fits is not mentioned, nor what did not fit before either", async () => {
  const driven = await begun();
  const wider = await planFor(
    driven,
    "z.object({ page: z.string(), note: z.string().optional(), more: z.string().optional() })",
  );
  expect(wider.workflows.flatMap(({ stored }) => stored)).toEqual([]);
  const narrow = "z.object({ page: z.string(), note: z.number().optional() })";
  const context = deployContext(database, { clock: driven.clock });
  deployed(await deployRelease(context, await releaseOf(made(narrow)), { allowBreaking: true }));
  const next = await planFor(driven, narrow.replace("})", ", more: z.string().optional() })"));
  expect(planOf(next, "later").change).toBe("changed");
  expect(next.workflows.flatMap(({ stored }) => stored)).toEqual([]);
});
