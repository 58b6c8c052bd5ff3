// Real processes are killed while they collect.
import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { digestMessages, expectEachOnce, expectTablesAgree, leftToDo } from "../support/digests.ts";
import { eventually } from "../support/engine.ts";
import { startPeer, type Peer } from "./processes/start-peer.ts";

const WRITERS = 100;
const PEOPLE = ["ada", "bob", "cyd", "dan"];
const WORKFLOWS = ["fixed", "sliding", "impatient", "seven", "leading", "gated"];
const KILLS = 5;

const pause = (milliseconds: number) => new Promise<void>((resolve) => systemClock.after(milliseconds, resolve));

interface Storm {
  accepting: Peer;
  expected: Map<string, number[]>;
  calls: number;
  /** The last kill was made: writers come to an end. */
  over: boolean;
}

async function write(storm: Storm, writer: number): Promise<void> {
  const { accepting, expected } = storm;
  for (let round = 0; !storm.over; round++) {
    const n = storm.calls++;
    const recipients = n % 7 === 0 ? PEOPLE : [PEOPLE[n % PEOPLE.length]!];
    const workflow = WORKFLOWS[(writer + round) % WORKFLOWS.length]!;
    const [outcome] = await accepting.notify([{ workflow, recipients, data: { n } }]);
    expect(outcome).toMatchObject({ kind: "accepted" });
    for (const recipient of recipients) {
      const of = `${workflow} ${recipient}`;
      expected.set(of, [...(expected.get(of) ?? []), n]);
    }
    await pause(200 + ((writer * 11 + round * 17) % 600));
  }
}

/** Two workers, one of which is killed again and again, and replaced. Answers those that are left. */
async function kill(url: string, storm: Storm): Promise<Peer[]> {
  const workers = [await startPeer({ url, work: true }), await startPeer({ url, work: true })];
  for (let index = 0; index < KILLS; index++) {
    await pause(randomInt(50, 1_000));
    await workers.shift()!.kill();
    workers.push(await startPeer({ url, work: true }));
  }
  storm.over = true;
  return workers;
}

test(
  "workers killed while 100 writers notify the same people: each activity in one batch, one message per batch",
  { timeout: 180_000 },
  async () => {
    const url = await testPostgresUrl();
    const database = await testPool(url, 2);
    const storm: Storm = {
      accepting: await startPeer({ url, work: false }),
      expected: new Map(),
      calls: 0,
      over: false,
    };
    const killing = kill(url, storm);
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(storm, writer)));
    const workers = await killing;
    // What a killed worker was at comes back within 20 seconds.
    await eventually(
      () => leftToDo(database),
      (left) => left === 0,
      { tries: 700, every: 100 },
    );
    await Promise.all([storm.accepting, ...workers].map((peer) => peer.stop()));
    const messages = await digestMessages(database);
    const gated = messages.filter(({ workflow }) => workflow === "gated");
    expect(PEOPLE.map((id) => gated.filter(({ recipient }) => recipient === id).length)).toEqual([20, 20, 20, 20]);
    for (const id of PEOPLE) storm.expected.delete(`gated ${id}`);
    expectEachOnce(
      messages.filter(({ workflow }) => workflow !== "gated"),
      storm.expected,
    );
    await expectTablesAgree(database);
  },
);
