/** What the engine tells the outside. Fields are data for machines; the message is for people. */
export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

type Level = keyof Logger;

function plain(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, cause: plain(value.cause) };
}

/** One JSON object per line on the given stream, for servers whose output is collected. */
export function jsonLogger(write: (line: string) => void, now: () => Date): Logger {
  const log =
    (level: Level) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      const readable = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plain(value)]));
      write(`${JSON.stringify({ at: now().toISOString(), level, message, ...readable })}\n`);
    };
  return { info: log("info"), warn: log("warn"), error: log("error") };
}

/** Says nothing. */
export const silentLogger: Logger = { info() {}, warn() {}, error() {} };
