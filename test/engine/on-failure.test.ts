// What a workflow does after a step has failed for good, and how often steps are tried.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven } from "../support/engine.ts";
import { decisions, messagesOf, runsOf } from "../support/inspect.ts";

let tries = 0;
const fail = (): string => {
  tries += 1;
  throw new Error("broken");
};
const data = z.object({});
const quick = workflow("quick", { data })
  .inApp("hello", { body: "b" })
  .inApp("main", { body: fail })
  .inApp("never", { body: "b" })
  .onFailure((w) =>
    w
      .sms("sorry", { body: ({ failure, steps }) => JSON.stringify([failure, steps.hello?.skipped]) })
      .inApp("note", { body: "n" }),
  );
const slow = workflow("slow", { data })
  .inApp("main", { body: fail })
  .onFailure((w) => w.delay("pause", "1h").sms("sorry", { body: ({ failure }) => JSON.stringify(failure) }));
const worse = workflow("worse", { data })
  .inApp("main", { body: fail, retry: { attempts: 1 } })
  .onFailure((w) =>
    w.inApp("sorry", { body: fail, retry: { attempts: 2, backoff: "1m" } }).inApp("never", { body: "b" }),
  );
const patient = workflow("patient", { data }).inApp("main", { body: fail, retry: { attempts: 4, backoff: "1m" } });
const plain = workflow("plain", { data }).inApp("main", { body: fail });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  tries = 0;
  driven = await drive({ database, handles: [quick, slow, worse, patient, plain] });
});

async function begin(key: string): Promise<void> {
  accepted(
    await driven.knock.engine.notify({
      workflow: key,
      recipients: [{ id: "ada", phoneNumber: "+41790000000" }],
      cancellationKey: "c",
    }),
  );
  await driven.settle();
}
const texts = () => captured(driven, "sms").messages.map(({ message }) => JSON.parse(message.body) as unknown);
const failure = { step: "main", reason: "body: broken" };

test("after a failure for good its steps run once, and know what failed; the run has failed all the same", async () => {
  await begin("quick");
  expect(texts()).toEqual([]);
  await driven.advance("1h");
  expect(texts()).toEqual([[failure, false]]);
  expect(await decisions(database, "ada")).toEqual([
    "hello done",
    "main failed STEP_FAILED",
    "sorry done",
    "note done",
  ]);
  expect(await runsOf(database)).toMatchObject([{ status: "failed", step: "main", state: { failure } }]);
  await driven.advance("1d");
  expect(texts()).toHaveLength(1);
});

test("they may wait, and still know it", async () => {
  await begin("slow");
  await driven.advance("50s");
  expect(await runsOf(database)).toMatchObject([{ status: "waiting", step: "pause" }]);
  await driven.advance("1h");
  expect(texts()).toEqual([failure]);
  expect(await runsOf(database)).toMatchObject([{ status: "failed", step: "main" }]);
});

test("a run that waits there can be cancelled, and ends as failed when its workflow is switched off", async () => {
  await begin("slow");
  await driven.advance("50s");
  expect((await driven.knock.cancel("c")).runs).toBe(1);
  await begin("slow");
  await driven.advance("50s");
  await driven.knock.engine.setWorkflowStatus("slow", "inactive");
  await driven.advance("1h");
  expect(texts()).toEqual([]);
  expect((await runsOf(database)).map(({ status }) => status).toSorted()).toEqual(["cancelled", "failed"]);
});

test("a failure among them is tried again like any other, then the run ends with its first failure", async () => {
  await begin("worse");
  expect(await runsOf(database)).toMatchObject([{ status: "waiting", step: "sorry" }]);
  await driven.advance("1m");
  expect(tries).toBe(3);
  expect(await runsOf(database)).toMatchObject([
    { status: "failed", step: "main", state: { failure: { step: "main" } } },
  ]);
  expect(await decisions(database, "ada")).toEqual(["main failed STEP_FAILED", "sorry failed STEP_FAILED"]);
  await driven.advance("1d");
  expect(tries).toBe(3);
  expect(await messagesOf(database)).toEqual([]);
});

describe("tries", () => {
  test("three by default, after 10 s and 40 s", async () => {
    await begin("plain");
    const counts: number[] = [];
    for (const step of ["9s", "1s", "39s", "1s", "1d"] as const) {
      await driven.advance(step);
      counts.push(tries);
    }
    expect(counts).toEqual([1, 2, 2, 3, 3]);
    expect(await runsOf(database)).toMatchObject([{ status: "failed", step: "main" }]);
  });

  test("as the step says", async () => {
    await begin("patient");
    const counts: number[] = [];
    for (const step of ["59s", "1s", "4m", "16m", "1d"] as const) {
      await driven.advance(step);
      counts.push(tries);
    }
    expect(counts).toEqual([1, 2, 3, 4, 4]);
    expect((await runsOf(database))[0]!.trace.at(-1)!.reason).toBe("attempt 4 of 4 failed: body: broken");
  });
});
