// What a plan says of 1,000 runs that wait and of 200 batches that are open, in two versions of a workflow.
import { beforeAll, expect, test } from "vitest";
import { deployRelease, planDeploy } from "../../src/deploy/deploy.ts";
import type { Database } from "../../src/store/database.ts";
import { testDatabase } from "../support/database.ts";
import { accepted, drive } from "../support/engine.ts";
import { messagesOf } from "../support/inspect.ts";
import { deployContext, deployed, planOf, releaseOf } from "../support/releases.ts";

const examples = `examples: { ada: { project: "Knock" } }`;
const data = `z.object({ project: z.string() })`;

const v1 = `{ data: ${data}, ${examples} })
  .delay("grace", "1m")
  .inApp("feed", { body: ({ data }) => "Old " + data.project })
  .email("digest", { subject: ({ data }) => data.project, body: "fixed" })
  .inApp("note", { body: "A fixed note" })`;
// The same but for one more step in front.
const v2 = v1.replace(".delay(", `.throttle("calm", { window: "1s", limit: 100 }).delay(`);
// New text, one step of code gone, one fixed step gone.
const v3 = `{ data: ${data}, ${examples} })
  .delay("grace", "2m")
  .inApp("feed", { body: ({ data }) => "New " + data.project })`;

const batch = (text: string) => `{ data: ${data}, ${examples} })
  .batch("all", { window: "2m" })
  .inApp("feed", { body: ({ steps }) => "${text} " + steps.all.count })`;

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

test("the numbers of a plan, and what it means for those who wait", async () => {
  const context = deployContext(database);
  const people = Array.from({ length: 1_000 }, (_, index) => `u${index}`);
  const start = async (files: Record<string, string>) => {
    deployed(await deployRelease(context, await releaseOf(files), { allowBreaking: true }));
    return drive({ database, clock: context.clock, content: "deployed" });
  };
  const one = await start({ main: v1, many: batch("Old") });
  accepted(
    await one.knock.engine.notify({ workflow: "main", recipients: people.slice(0, 600), data: { project: "p" } }),
  );
  accepted(
    await one.knock.engine.notify({ workflow: "many", recipients: people.slice(0, 150), data: { project: "p" } }),
  );
  accepted(
    await one.knock.engine.notify({ workflow: "many", recipients: people.slice(0, 100), data: { project: "p" } }),
  );
  await one.settle();
  const two = await start({ main: v2, many: batch("Newer") });
  accepted(await two.knock.engine.notify({ workflow: "main", recipients: people.slice(600), data: { project: "p" } }));
  accepted(
    await two.knock.engine.notify({ workflow: "many", recipients: people.slice(150, 200), data: { project: "p" } }),
  );
  await two.settle();

  const plan = await planDeploy(context, await releaseOf({ main: v3, many: batch("Newest") }));
  const effect = (version: number) =>
    `they finish in v${version} with the new texts; \`digest\` is gone and is skipped as retired (its content is code); ` +
    "`note` is gone and keeps its fixed text";
  expect(planOf(plan, "main")).toMatchObject({
    change: "changed",
    from: 2,
    to: 3,
    waiting: [
      { version: 1, step: "grace", kind: "delay", runs: 600, effect: effect(1) },
      { version: 2, step: "grace", kind: "delay", runs: 400, effect: effect(2) },
    ],
    openBatches: 0,
    content: [
      { step: "feed", slot: "body", example: "ada", before: "Old Knock", after: "New Knock" },
      { step: "digest", slot: "subject", example: "ada", before: "Knock", after: null },
      { step: "digest", slot: "body", example: "ada", before: "fixed", after: null },
      { step: "note", slot: "body", example: "ada", before: "A fixed note", after: null },
    ],
    breaking: [],
  });
  expect(planOf(plan, "main").structure.map(({ mark, ref }) => `${mark} ${ref}`)).toEqual(
    expect.arrayContaining(["- calm", "~ grace", "- digest", "- note"]),
  );
  expect(planOf(plan, "many")).toMatchObject({
    openBatches: 200,
    structure: [],
    waiting: [
      { version: 1, step: "all", kind: "batch", runs: 150, effect: "they finish in v1 with the new texts" },
      { version: 2, step: "all", kind: "batch", runs: 50, effect: "they finish in v2 with the new texts" },
    ],
  });
  const written = deployed(await deployRelease(context, await releaseOf({ main: v3, many: batch("Newest") })));
  expect(written.plan).toEqual(plan);
  // Nothing changed: nothing is said of what waits.
  const again = await planDeploy(context, await releaseOf({ main: v3, many: batch("Newest") }));
  expect(again).toMatchObject({ changes: false, workflows: [{ waiting: [], openBatches: 0 }, { waiting: [] }] });
  // And it comes as the plan said.
  const three = await drive({ database, clock: context.clock, content: "deployed" });
  await three.advance("3m");
  const messages = await messagesOf(database);
  const bodies = Map.groupBy(messages, ({ content }) => String(content["body"]));
  expect([...bodies].map(([body, all]) => `${body}: ${all.length}`).toSorted()).toEqual([
    "A fixed note: 1000",
    "New p: 1000",
    "Newest 1: 100",
    "Newest 2: 100",
  ]);
});
