// Many calls to one person each, from the library, with a fixed number in flight.
import type { Database } from "../src/store/database.ts";
import { inParallel, type Percentiles } from "./percentiles.ts";
import { news, notice, populate, systemOn } from "./world.ts";

const CALLS = 20_000;
const WARM_UP = 2_000;
const IN_FLIGHT = 64;

/** What accepting took. */
export interface Accept extends Percentiles {
  perSecond: number;
}

/** Measures accepting, with no worker in the process: what a server does. */
export async function measureAccept(database: Database): Promise<Accept> {
  const knock = await systemOn(database);
  await knock.start({ work: false });
  await populate(database, "everyone", 1_000);
  const call = async (index: number) => {
    const recipients = [`person_${1 + (Math.abs(index) % 1_000)}`];
    const outcome = await knock.notify(notice, { recipients, data: news, idempotencyKey: `call-${index}` });
    if (!outcome.ok) throw outcome.error;
  };
  await inParallel(WARM_UP, IN_FLIGHT, (index) => call(-1 - index));
  const { milliseconds, p50, p99 } = await inParallel(CALLS, IN_FLIGHT, call);
  await knock.stop();
  return { perSecond: (CALLS / milliseconds) * 1_000, p50, p99 };
}
