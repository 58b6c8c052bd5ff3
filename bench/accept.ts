// Many calls to one person each, from the library, with a fixed number in flight.
import type { Database } from "../src/store/database.ts";
import { news, notice, populate, systemOn } from "./world.ts";

const CALLS = 20_000;
const IN_FLIGHT = 64;

/** What accepting a call took. */
export interface Accept {
  millisecondsPerCall: number;
  p50: number;
  p99: number;
}

/** Measures accepting, with no worker in the process: what a server does. */
export async function measureAccept(database: Database): Promise<Accept> {
  const knock = await systemOn(database);
  await knock.start({ work: false });
  await populate(database, "everyone", 1_000);
  const latencies: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (next < CALLS) {
        const call = next++;
        const begun = performance.now();
        const outcome = await knock.notify(notice, {
          recipients: [`person_${1 + (call % 1_000)}`],
          data: news,
          idempotencyKey: `call-${call}`,
        });
        if (!outcome.ok) throw outcome.error;
        latencies.push(performance.now() - begun);
      }
    }),
  );
  const milliseconds = performance.now() - started;
  await knock.stop();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)]!;
  return { millisecondsPerCall: milliseconds / CALLS, p50: at(0.5), p99: at(0.99) };
}
