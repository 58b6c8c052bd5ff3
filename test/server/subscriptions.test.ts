// Streams over real HTTP: what a server does with them when it closes, and when their readers go away.
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { createKnock, type Knock } from "../../src/knock.ts";
import { type RunningServer, serve } from "../../src/server/main.ts";
import { openDatabase } from "../../src/store/database.ts";
import { eventually } from "../support/engine.ts";
import { lookOn, type Onlooker, type Told } from "../support/onlookers.ts";
import { endUsers, person } from "../support/viewers.ts";

const quiet = { clock: systemClock, logger: silentLogger };

let knock: Knock;
let server: RunningServer;
let stop: () => Promise<void>;
beforeAll(async () => {
  const database = await openDatabase({ memory: true });
  knock = await createKnock({
    config: { workflows: {}, channels: {}, endUsers },
    db: database,
    logger: silentLogger,
    migrate: true,
  });
  await knock.start({ work: false });
  server = await serve({ knock, host: "127.0.0.1", port: 0, dev: false, delivery: "", version: "0", ...quiet });
  stop = async () => {
    await knock.stop();
    await database.close();
  };
});
afterAll(() => stop());

/** Somebody who has been told where the feed stands. */
async function look(): Promise<{ onlooker: Onlooker; ended: Promise<void> }> {
  const ended = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<Told>();
  const onlooker = lookOn({
    userId: "ada",
    port: server.port,
    headers: await person("ada", { now: systemClock.now() }),
    onTold: ready.resolve,
    onEnd: () => ended.resolve(),
  });
  expect(await ready.promise).toMatchObject({ reason: "READY" });
  return { onlooker, ended: ended.promise };
}

test("a reader that goes away leaves nothing behind", async () => {
  const [first, second] = [await look(), await look()];
  first.onlooker.close();
  await eventually(
    async () => knock.engine.feeds.subscribers,
    (left) => left === 1,
  );
  second.onlooker.close();
  await eventually(
    async () => knock.engine.feeds.subscribers,
    (left) => left === 0,
  );
});

test("a server that closes ends its streams at once, and not when its patience does", async () => {
  const [{ ended }] = [await look(), await look()];
  expect(knock.engine.feeds.subscribers).toBe(2);
  const begun = systemClock.now().getTime();
  await server.close();
  await ended;
  // Open requests have ten seconds.
  expect(systemClock.now().getTime() - begun).toBeLessThan(3_000);
  expect(knock.engine.feeds.subscribers).toBe(0);
});
