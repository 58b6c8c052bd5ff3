// The command line as its users have it: a process, what it prints, its exit code.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const bin = fileURLToPath(new URL("../../../bin/knock.mjs", import.meta.url));

export interface CommandOptions {
  cwd: string;
  env?: Record<string, string>;
  /** What the process reads on its standard input. */
  input?: string;
  /** The command's file. Default: that of this repository. */
  bin?: string;
  /** The Node that runs it. Default: this one. */
  node?: string;
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A process that goes on. */
export interface Running {
  /** Everything that was printed so far. */
  output(): string;
  /** Resolves when the text that was printed after the last match holds the pattern; rejects when the process ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** The exit code, when it has ended. */
  ended: Promise<number | null>;
}

const OUTSIDE = /^(KNOCK_|NO_COLOR|FORCE_COLOR|DATABASE_URL|SMTP_URL|VITEST|NODE_OPTIONS|CI$)/;

function environment(given: Record<string, string> = {}): NodeJS.ProcessEnv {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OUTSIDE.test(name)));
  // A date prints in the zone of the process.
  return { ...inherited, TZ: "UTC", ...given };
}

function launch(args: readonly string[], { cwd, env, ...given }: CommandOptions): ChildProcess {
  return spawn(given.node ?? process.execPath, [given.bin ?? bin, ...args], {
    cwd,
    env: environment(env),
    stdio: "pipe",
  });
}

/** Runs a command to its end. */
export async function knock(args: readonly string[], options: CommandOptions): Promise<Finished> {
  const child = launch(args, options);
  const text = { stdout: "", stderr: "" };
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  child.stdin!.end(options.input ?? "");
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...text };
}

/** Sooner than the test's own timeout, which would not say what was printed instead. */
const PATIENCE_MS = 40_000;

/** Starts a command that goes on. */
export function startKnock(args: readonly string[], options: CommandOptions): Running {
  const child = launch(args, options);
  let output = "";
  let seen = 0;
  const waiting = new Set<() => void>();
  const look = () => waiting.forEach((check) => check());
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      look();
    });
  }
  let over = false;
  const ended = once(child, "close").then(([code]) => {
    over = true;
    look();
    return code as number | null;
  });
  return {
    output: () => output,
    ended,
    signal: (name) => void child.kill(name),
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const deadline = AbortSignal.timeout(PATIENCE_MS);
        const settle = (act: () => void) => {
          waiting.delete(check);
          deadline.removeEventListener("abort", check);
          act();
        };
        const refuse = (what: string) =>
          settle(() => reject(new Error(`${what} before it printed ${pattern}:\n${output}`)));
        const check = () => {
          const match = pattern.exec(output.slice(seen));
          if (match) {
            seen += match.index + match[0].length;
            settle(() => resolve(match));
          } else if (over) refuse("the process ended");
          else if (deadline.aborted) refuse("time was up");
        };
        waiting.add(check);
        deadline.addEventListener("abort", check);
        check();
      }),
  };
}

/** Starts a command that is ended with the test. */
export function startTemporarily(args: readonly string[], options: CommandOptions): Running {
  const running = startKnock(args, options);
  onTestFinished(async () => {
    running.signal("SIGKILL");
    await running.ended;
  });
  return running;
}

/** What a server answers to a GraphQL request. */
export async function graphql<Data = Record<string, unknown>>(
  url: string,
  query: string,
  { variables = {}, key }: { variables?: object; key?: string } = {},
): Promise<{ status: number; data: Data; errors?: { message: string; extensions?: Record<string, unknown> }[] }> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, ...((await response.json()) as { data: Data }) };
}
