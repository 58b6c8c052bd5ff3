// Where in the author's file something was written, so that a problem can name its line.

/** A place in a source file. */
export interface CallSite {
  /** Absolute path. */
  file: string;
  line: number;
  column: number;
}

const FRAME = /\(?(?:file:\/\/)?(\/[^()?]+|[A-Za-z]:[^()?]+?)(?:\?[^():]*)?:(\d+):(\d+)\)?$/;

/** The place that called the function which called `callSite`; `caller` is that function. */
export function callSite(caller: (...args: never[]) => unknown): CallSite | null {
  const holder: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(holder, caller);
  Error.stackTraceLimit = limit;
  const frame = FRAME.exec(holder.stack?.split("\n").at(1)?.trim() ?? "");
  return frame ? { file: decodeURI(frame[1]!), line: Number(frame[2]), column: Number(frame[3]) } : null;
}
