import type { Clock } from "../base/clock.ts";
import { stopwatch } from "../base/clock.ts";
import { count, type Terminal } from "./terminal.ts";

/** A bar that moves while something long goes on. */
export interface Progress {
  /** Share of the whole that is done (`null` when the whole is unknown), and how many things so far. */
  update(share: number | null, done: number): void;
  /** Takes the bar away. */
  end(): void;
}

const WIDTH = 28;
const FRAME_MS = 80;

/** A progress bar on a terminal, nothing elsewhere. */
export function createProgress({ live, paintErr }: Terminal, clock: Clock, noun: string): Progress {
  if (!live) return { update() {}, end() {} };
  const took = stopwatch();
  let latest: [number | null, number] = [0, 0];
  let scheduled: (() => void) | null = null;

  function draw(): void {
    scheduled = null;
    const [share, done] = latest;
    const filled = Math.round(Math.min(1, share ?? 0) * WIDTH);
    const bar =
      share === null
        ? ""
        : `${paintErr.cyan("█".repeat(filled))}${paintErr.dim("░".repeat(WIDTH - filled))} ${String(Math.floor(share * 100)).padStart(3)} %  `;
    const rate = Math.round(done / (took() / 1_000));
    live!.write(`\r\x1b[2K  ${bar}${count(done)} ${noun}  ${paintErr.dim(`${count(rate)}/s`)}`);
  }

  return {
    update(share, done) {
      latest = [share, done];
      scheduled ??= clock.after(FRAME_MS, draw);
    },
    end() {
      scheduled?.();
      live.write("\r\x1b[2K");
    },
  };
}
