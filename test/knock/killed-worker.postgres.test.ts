import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { audience, totals } from "./processes/audience.ts";
import { startPeer } from "./processes/start-peer.ts";

const PEOPLE = 20_000;
/** Sends that one process may have under way and not written when it is killed. */
const UNWRITTEN = 600;

let url: string;
let database: Database;
let folder: string;
beforeAll(async () => {
  url = await testPostgresUrl();
  database = await testPool(url, 2);
  folder = await mkdtemp(join(tmpdir(), "knock-sends-"));
  await audience(database, PEOPLE);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sendsOf = async (file: string) => (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);

test(
  "workers killed in the middle of a broadcast: another one finishes it to the last person",
  { timeout: 120_000 },
  async () => {
    const files = ["first", "second", "third"].map((name) => join(folder, name));
    const accepting = await startPeer({ url, work: false });
    const first = await startPeer({ url, work: true, sends: files[0]! });
    const [outcome] = await accepting.notify([{ workflow: "announcement", lists: ["everyone"] }]);
    expect(outcome).toMatchObject({ kind: "accepted" });

    // Once while chunks become runs, once while messages are sent.
    await eventually(
      () => totals(database),
      ({ runs }) => runs >= 3_000,
      { tries: 4_000, every: 5 },
    );
    await first.kill();
    const atKill = await totals(database);
    expect(atKill.runs).toBeLessThan(PEOPLE);
    const second = await startPeer({ url, work: true, sends: files[1]! });
    await eventually(
      async () => (await sendsOf(files[1]!)).length,
      (sends) => sends >= 1_000,
      { tries: 6_000, every: 5 },
    );
    await second.kill();
    expect((await totals(database)).sent).toBeLessThan(PEOPLE * 0.9);

    const third = await startPeer({ url, work: true, sends: files[2]! });
    await eventually(
      () => totals(database),
      ({ sent, completed }) => sent === PEOPLE * 0.9 && completed === PEOPLE,
      { tries: 900, every: 100 },
    );
    expect(await totals(database)).toEqual({
      runs: PEOPLE,
      people: PEOPLE,
      completed: PEOPLE,
      inApp: PEOPLE,
      email: PEOPLE * 0.9,
      sent: PEOPLE * 0.9,
      explained: PEOPLE * 0.1,
      unclear: 0,
    });
    const sends = (await Promise.all(files.map(sendsOf))).flat();
    expect(new Set(sends).size).toBe(PEOPLE * 0.9);
    expect(sends.length - PEOPLE * 0.9).toBeLessThanOrEqual(2 * UNWRITTEN);
    await Promise.all([accepting.stop(), third.stop()]);
  },
);
