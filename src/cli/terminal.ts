// What the command line prints with. Colours and moving parts are for people at a terminal: a pipe, a
// file or NO_COLOR gets plain lines.
import type { WriteStream } from "node:tty";
import picocolors from "picocolors";
import { jsonLogger, type Logger } from "../base/logger.ts";
import type { Environment } from "../channels/env.ts";

/** Functions that colour a text, or hand it back as it is. */
export type Paint = ReturnType<typeof picocolors.createColors>;

/** Where a command writes. */
export interface Terminal {
  /** A line of what was asked for. */
  out(line?: string): void;
  /** A line about how it goes: errors, progress, hints. */
  err(line?: string): void;
  paint: Paint;
  paintErr: Paint;
  /** A person is looking at the standard output. */
  interactive: boolean;
  /** The stream for moving parts such as a progress bar; `null` when nobody would see them move. */
  live: WriteStream | null;
  /** Width in characters. */
  columns: number;
  /** Takes what would be lines for people as fields, with `--json`; `null` without. */
  log: Logger | null;
}

const coloured = (stream: { isTTY?: boolean }, environment: Environment): boolean => {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== "0";
  return stream.isTTY === true && environment.TERM !== "dumb";
};

/** Whoever read the output has gone, as `head` does. The work goes on, and nobody hears of it. */
const onlyClosed = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "EPIPE") throw error;
};

/** The terminal of this process. */
export function processTerminal(environment: Environment): Terminal {
  const { stdout, stderr } = process;
  for (const stream of [stdout, stderr])
    if (!stream.listeners("error").includes(onlyClosed)) stream.on("error", onlyClosed);
  return {
    out: (line = "") => void stdout.write(`${line}\n`),
    err: (line = "") => void stderr.write(`${line}\n`),
    paint: picocolors.createColors(coloured(stdout, environment)),
    paintErr: picocolors.createColors(coloured(stderr, environment)),
    interactive: stdout.isTTY === true,
    live: stderr.isTTY === true && environment.TERM !== "dumb" ? (stderr as WriteStream) : null,
    columns: stdout.columns ?? 100,
    log: null,
  };
}

/** A terminal that writes nothing but JSON objects, one a line, on the standard output: for processes with `--json`. */
export function jsonTerminal(terminal: Terminal, now: () => Date): Terminal {
  const log = jsonLogger((line) => terminal.out(line.trimEnd()), now);
  const paint = picocolors.createColors(false);
  const say =
    (level: "info" | "error") =>
    (line = "") => {
      if (line.trim() !== "") log[level](line.trim());
    };
  return {
    ...terminal,
    out: say("info"),
    err: say("error"),
    paint,
    paintErr: paint,
    interactive: false,
    live: null,
    log,
  };
}

/** A number for people: `12,345`. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** `1 workflow`, `3 workflows`. */
export const plural = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** A measured time for people: `84 ms`, `1.4 s`, `2 min 5 s`. */
export function elapsed(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1_000)} s`;
}
