// A notify to one person while nothing else happens, and while a broadcast drains.
import type { Database } from "../src/store/database.ts";
import { finishLine } from "./fan-out.ts";
import { percentiles, type Percentiles } from "./percentiles.ts";
import { announcement, news, notice, populate, systemOn } from "./world.ts";

const IDLE_TRIES = 100;
const WARM_UP = 5_000;

/** From the call to the stored in-app message. */
export interface Priority {
  idle: Percentiles;
  busy: Percentiles;
  /** How many tries there were during the broadcast. */
  tries: number;
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Measures single calls, without and with a broadcast to `people` beside them, in one process. */
export async function measurePriority(database: Database, people: number): Promise<Priority> {
  const { listeners, draw } = finishLine();
  const seen = new Map<string, () => void>();
  const knock = await systemOn(database, {
    ...listeners,
    onRun(event) {
      if (event.workflow === notice.key) seen.get(event.recipientId)?.();
      else listeners.onRun?.(event);
    },
  });
  await knock.start();
  await populate(database, "warm-up", WARM_UP);
  await populate(database, "everyone", people);
  const single = async (person: string) => {
    const arrived = Promise.withResolvers<void>();
    seen.set(person, arrived.resolve);
    const begun = performance.now();
    const outcome = await knock.notify(notice, { recipients: [person], data: news });
    if (!outcome.ok) throw outcome.error;
    await arrived.promise;
    return performance.now() - begun;
  };
  const send = async (list: string, size: number) => {
    const reached = draw("feed", size);
    await knock.notify(announcement, { lists: [list], data: news });
    await reached;
  };
  await send("warm-up", WARM_UP);
  const idle: number[] = [];
  for (let index = 1; index <= IDLE_TRIES; index++) {
    idle.push(await single(`person_${index}`));
    await moment();
  }
  const busy: number[] = [];
  let draining = true;
  const broadcast = send("everyone", people).then(() => (draining = false));
  await moment();
  while (draining) {
    busy.push(await single(`person_${1 + (busy.length % 1_000)}`));
    await moment();
  }
  await broadcast;
  await knock.stop();
  return { idle: percentiles(idle), busy: percentiles(busy), tries: busy.length };
}
