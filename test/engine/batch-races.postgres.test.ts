// 100 writers, a few recipients, windows that end all the time, two engines with connections and timekeepers of
// their own on one database.
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import type { Logger } from "../../src/base/logger.ts";
import { inApp } from "../../src/channels/providers/in-app.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import { createKnock, type Knock } from "../../src/knock.ts";
import * as digests from "../knock/processes/digests.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { digestMessages, expectEachOnce, expectTablesAgree, leftToDo } from "../support/digests.ts";
import { accepted, eventually } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";

const WRITERS = 100;
const CALLS_EACH = 24;
const PEOPLE = ["ada", "bob", "cyd"];
const WORKFLOWS = ["fixed", "sliding", "impatient", "seven", "leading", "gated"];

const pause = (milliseconds: number) => new Promise<void>((resolve) => systemClock.after(milliseconds, resolve));

async function startTwo() {
  const url = await testPostgresUrl();
  const problems: string[] = [];
  const note = (message: string, context?: object) =>
    void problems.push(`${message} ${String((context as { error?: unknown } | undefined)?.error)}`);
  const logger: Logger = { info() {}, warn: note, error: note };
  const systems: Knock[] = [];
  for (let index = 0; index < 2; index++) {
    const db = await testPool(url, 8);
    const knock = await createKnock({ config: { workflows: digests, channels: { feed: inApp() } }, db, logger });
    await knock.start();
    systems.push(knock);
  }
  const stop = () => Promise.all(systems.map((knock) => knock.stop()));
  return { systems, database: await testPool(url, 2), problems, stop };
}

interface Storm {
  systems: readonly Knock[];
  /** Numbers that must be in a message, by workflow and recipient. */
  expected: Map<string, number[]>;
  cancelled: number;
}

/** Notifies, and takes some back a moment later. What a cancel says it took must be in no message. */
async function say(storm: Storm, { workflow, recipients, n }: { workflow: string; recipients: string[]; n: number }) {
  const call: NotifyCall = { workflow, recipients, data: { n }, cancellationKey: `${n}` };
  const [one, other] = [storm.systems[n % 2]!, storm.systems[(n + 1) % 2]!];
  const { id } = accepted(await one.engine.notify(call)).notification;
  if (n % 3 === 0 && recipients.length === 1) {
    await pause((n * 17) % 160);
    const { notifications } = await other.cancel(`${n}`);
    if (notifications.includes(id)) {
      storm.cancelled += 1;
      return;
    }
  }
  for (const recipient of recipients) {
    const of = `${workflow} ${recipient}`;
    storm.expected.set(of, [...(storm.expected.get(of) ?? []), n]);
  }
}

/** A writer calls again and again, at its own pace. */
async function write(storm: Storm, writer: number): Promise<void> {
  for (let index = 0; index < CALLS_EACH; index++) {
    const n = writer * CALLS_EACH + index;
    const recipients = n % 5 === 0 ? PEOPLE : [PEOPLE[n % PEOPLE.length]!];
    await say(storm, { workflow: WORKFLOWS[(writer + index) % WORKFLOWS.length]!, recipients, n });
    await pause((writer * 7 + index * 13) % 60);
  }
}

test(
  "each activity is in exactly one batch, no second one is open, no message is stray",
  { timeout: 120_000 },
  async () => {
    const { systems, database, problems, stop } = await startTwo();
    const storm: Storm = { systems, expected: new Map(), cancelled: 0 };
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(storm, writer)));
    await eventually(
      () => leftToDo(database),
      (left) => left === 0,
      { tries: 600 },
    );
    await stop();
    const messages = await digestMessages(database);
    const gated = messages.filter(({ workflow }) => workflow === "gated");
    // So many pass as the limit says, not one more or less.
    expect(PEOPLE.map((id) => gated.filter(({ recipient }) => recipient === id).length)).toEqual([20, 20, 20]);
    for (const id of PEOPLE) storm.expected.delete(`gated ${id}`);
    const collected = messages.filter(({ workflow }) => workflow !== "gated");
    expectEachOnce(collected, storm.expected);
    await expectTablesAgree(database);
    const seven = collected.filter(({ workflow }) => workflow === "seven").map(({ count }) => count);
    expect(Math.max(...seven)).toBe(7);
    // It was a race: batches of many, more than one window each.
    const [seen] = await ask<{ batches: number; joined: number }>(
      database,
      sql`select count(*)::int as batches, sum(count)::int as joined from knock.batches where workflow = 'fixed'`,
    );
    expect(seen!.batches).toBeGreaterThan(PEOPLE.length * 2);
    expect(seen!.joined).toBeGreaterThan(seen!.batches * 2);
    expect(storm.cancelled).toBeGreaterThan(50);
    expect(problems).toEqual([]);
  },
);
