import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { eq } from "../../src/definition/condition-builders.ts";
import { workflow } from "../../src/definition/workflow.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { count, messagesOf, runsOf } from "../support/inspect.ts";

const data = z.object({
  n: z.number(),
  page: z.string().default("p"),
  until: z.string().optional(),
  free: z.boolean().default(false),
});
const body = ({ data: { n } }: { data: { n: number } }) => `${n}`;

const once = workflow("once", { data })
  .throttle("gate", { window: "1h", key: ({ data: d }) => d.page, when: ({ data: d }) => eq(d.free, false) })
  .inApp("feed", { body });
const two = workflow("two", { data }).throttle("gate", { window: "1h", limit: 2 }).inApp("feed", { body });
const skipping = workflow("skipping", { data })
  .throttle("gate", { window: "1h", onBreach: "skip" })
  .inApp("feed", { body })
  .email("mail", { subject: "s", body: ({ steps }) => `${steps.gate.breached}` });
const dated = workflow("dated", { data })
  .throttle("gate", { window: { until: ({ data: d }) => d.until } })
  .inApp("feed", { body });
const pair = workflow("pair", { data })
  .throttle("first", { window: "1h", limit: 2 })
  .throttle("second", { window: "2h" })
  .inApp("feed", { body });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [once, two, skipping, dated, pair] });
});

async function notify(key: string, given: z.input<typeof data>, call: Partial<NotifyCall> = {}): Promise<void> {
  const recipients = [{ id: "ada", email: "ada@example.com" }];
  accepted(await driven.knock.engine.notify({ workflow: key, recipients, data: given, ...call }));
  await driven.advance("1s");
}

const bodies = async (step = "feed") =>
  (await messagesOf(database)).filter((message) => message.step === step).map(({ content }) => content.body);

test("the first passes, the next ends there and says why; the window is that of the first", async () => {
  await notify("once", { n: 1 });
  await driven.advance("58m");
  await notify("once", { n: 2 });
  expect(await bodies()).toEqual(["1"]);
  expect((await runsOf(database)).map(({ status, trace }) => [status, trace[0]])).toMatchObject([
    [
      "completed",
      { ref: "gate", outcome: "done", reason: "number 1 of 1 in this window, until 2026-01-05T10:00:00.000Z" },
    ],
    [
      "halted",
      {
        outcome: "halted",
        code: "THROTTLED",
        reason: expect.stringContaining("number 2, when 1 may pass, in this window") as string,
      },
    ],
  ]);
  await driven.advance("2m");
  await notify("once", { n: 3 });
  expect((await bodies()).toSorted()).toEqual(["1", "3"]);
  await driven.advance("59m");
  await notify("once", { n: 4 });
  expect(await bodies()).toHaveLength(2);
});

test("each recipient and each key has a window of its own; one whose condition says no passes and does not count", async () => {
  for (const n of [1, 2]) await notify("once", { n, page: "x" }, { recipients: ["ada", "bob"] });
  await notify("once", { n: 3, page: "y" });
  await notify("once", { n: 4, page: "y", free: true });
  await notify("once", { n: 5, page: "z", free: true });
  await notify("once", { n: 6, page: "z" });
  expect((await bodies()).toSorted()).toEqual(["1", "1", "3", "4", "5", "6"]);
});

test("so many pass as the limit says, also of those that come together", async () => {
  const calls = [1, 2, 3, 4, 5].map((n) => ({ workflow: "two", recipients: ["ada", "bob"], data: { n } }));
  await driven.knock.engine.notifyMany(calls);
  await driven.settle();
  expect(await bodies()).toEqual(["1", "2", "1", "2"]);
  const halted = (await runsOf(database)).filter(({ status }) => status === "halted");
  expect(halted.map(({ trace }) => trace[0]!.reason!.slice(0, 16)).toSorted()).toEqual(
    [3, 3, 4, 4, 5, 5].map((number) => `number ${number}, when 2`),
  );
});

test("onBreach skip: only the next step is left out, and later ones know", async () => {
  await notify("skipping", { n: 1 });
  await notify("skipping", { n: 2 });
  expect(await bodies()).toEqual(["1"]);
  expect((await messagesOf(database)).filter(({ step }) => step === "mail").map(({ content }) => content.text)).toEqual(
    expect.arrayContaining(["false", "true"]),
  );
  const [, second] = await runsOf(database);
  expect(second!.trace.map(({ ref, outcome, code }) => [ref, outcome, code])).toEqual([
    ["gate", "done", "THROTTLED"],
    ["mail", "done", undefined],
  ]);
});

test.each([
  [undefined, "WINDOW_MISSING"],
  ["soon", "WINDOW_INVALID"],
  ["2026-01-05T08:00:00Z", "WINDOW_PAST"],
  ["2026-02-06T09:00:00Z", "WINDOW_TOO_FAR"],
])("a window from the data that says %s lets all pass", async (until, code) => {
  for (const n of [1, 2]) await notify("dated", { n, ...(until !== undefined && { until }) });
  expect((await bodies()).toSorted()).toEqual(["1", "2"]);
  expect((await runsOf(database))[0]!.trace[0]).toMatchObject({ ref: "gate", outcome: "skipped", code });
  expect(await count(database, "throttles")).toBe(0);
});

test("a window from the data counts until then", async () => {
  for (const n of [1, 2]) await notify("dated", { n, until: "2026-02-05T08:59:59Z" });
  expect(await bodies()).toEqual(["1"]);
});

test("two steps count apart", async () => {
  await notify("pair", { n: 1 });
  await driven.advance("1h");
  for (const n of [2, 3, 4]) await notify("pair", { n });
  expect(await bodies()).toEqual(["1"]);
  const codes = (await runsOf(database)).map(({ trace }) => `${trace.at(-1)!.ref} ${trace.at(-1)!.outcome}`);
  expect(codes).toEqual(["feed done", "second halted", "second halted", "first halted"]);
});
