// A lost database is told of once, however many notice, and so is its end.
import { expect, test } from "vitest";
import type { Logger } from "../../src/base/logger.ts";
import { outageLogger } from "../../src/engine/outage.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";

const lost = Object.assign(new Error("terminating connection"), { code: "57P01" });
const closed = Object.assign(new Error("write CONNECTION_CLOSED"), { code: "CONNECTION_CLOSED" });
/** 55000 of a statement is the statement's own mistake; with this severity there is no session. */
const refused = Object.assign(new Error("database is not currently accepting connections"), {
  code: "55000",
  severity: "FATAL",
});

function watched() {
  const lines: string[] = [];
  const tell = (level: string) => (message: string) => void lines.push(`${level} ${message.split(/[;,]/)[0]}`);
  const clock = virtualClock(new Date("2026-01-05T09:00:00.000Z"));
  const state = { away: false };
  const given: Logger = { info: tell("info"), warn: tell("warn"), error: tell("error") };
  const ping = async () => {
    if (state.away) throw lost;
  };
  const logger = outageLogger({ database: { ping }, clock, logger: given });
  return { lines, clock, state, logger };
}

const LOST = "error the connection to the database is lost";
const BACK = "info the database is back";
const CUT = "warn connections to the database were cut";

test("an outage is told of once, and so is its end", async () => {
  const { lines, clock, state, logger } = watched();
  state.away = true;
  for (const error of [lost, closed, refused, lost]) logger.error("a job failed", { error });
  logger.warn("could not wake other processes", { error: closed });
  await clock.advance(3_000);
  logger.error("a job failed", { error: closed });
  expect(lines).toEqual([LOST]);
  state.away = false;
  await clock.advance(1_000);
  expect(lines).toEqual([LOST, BACK]);
  // Somebody whose connection was idle meanwhile.
  logger.error("a job failed", { error: closed });
  await clock.advance(100);
  expect(lines).toEqual([LOST, BACK]);
  state.away = true;
  logger.error("a job failed", { error: lost });
  await clock.advance(100);
  expect(lines).toEqual([LOST, BACK, LOST]);
});

test("connections that are cut while the database is there are told of once for all of them", async () => {
  const { lines, clock, logger } = watched();
  for (let index = 0; index < 5; index++) logger.error("a job failed", { error: lost });
  await clock.advance(1_000);
  logger.error("a job failed", { error: closed });
  await clock.advance(20_000);
  expect(lines).toEqual([CUT]);
  logger.error("a job failed", { error: lost });
  await clock.advance(0);
  expect(lines).toEqual([CUT, CUT]);
});

test("everything else goes through, at once and during an outage", async () => {
  const { lines, clock, state, logger } = watched();
  state.away = true;
  logger.error("a job failed", { error: lost });
  await clock.advance(1_000);
  logger.error("a job failed", { error: Object.assign(new Error("no column"), { code: "42703" }) });
  logger.error("lost", { error: Object.assign(new Error("not in that state"), { code: "55000", severity: "ERROR" }) });
  logger.warn("something else");
  expect(lines).toEqual([LOST, "error a job failed", "error lost", "warn something else"]);
  logger.stop();
  state.away = false;
  await clock.advance(5_000);
  expect(lines).not.toContain(BACK);
});
