// Latencies of many tries.

/** Half of all tries took at most `p50`, in milliseconds; 99 of 100 at most `p99`. */
export interface Percentiles {
  p50: number;
  p99: number;
}

/** The percentiles of latencies in milliseconds. */
export function percentiles(latencies: readonly number[]): Percentiles {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Does something `count` times with `inFlight` at once. Answers the whole and each one's milliseconds. */
export async function inParallel(count: number, inFlight: number, work: (index: number) => Promise<void>) {
  const latencies: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < count) {
        const begun = performance.now();
        await work(next++);
        latencies.push(performance.now() - begun);
      }
    }),
  );
  return { milliseconds: performance.now() - started, ...percentiles(latencies) };
}
