// Records from a file of any size: CSV with a header, or one JSON object per line. A line that makes no
// sense is reported with its number and does not stop the others.
import type { Json, JsonObject } from "../base/canonical-json.ts";

/** The forms of file that can be read. */
export const recordFormats = ["csv", "jsonl"] as const;
export type RecordFormat = (typeof recordFormats)[number];

/** A record, or why a line holds none. Lines count from 1. */
export type FileRecord = { line: number; record: JsonObject } | { line: number; problem: string };

/** The format that a file's name tells, or `null`. */
export function formatOf(file: string): RecordFormat | null {
  if (/\.(jsonl|ndjson)$/i.test(file)) return "jsonl";
  return /\.csv$/i.test(file) ? "csv" : null;
}

/** The cells of one CSV record; `null` when a quoted cell goes on in the next line. */
function cells(text: string): string[] | null {
  const found: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let cell = "";
      for (;;) {
        const end = text.indexOf('"', at + 1);
        if (end < 0) return null;
        cell += text.slice(at + 1, end);
        at = end + 1;
        if (text[at] !== '"') break;
        cell += '"';
      }
      found.push(cell);
    } else {
      const end = text.indexOf(",", at);
      found.push(text.slice(at, end < 0 ? undefined : end).trim());
      at = end < 0 ? text.length : end;
    }
    if (at >= text.length) return found;
    if (text[at] !== ",") throw new SyntaxError("text after a closing quote");
    at++;
    if (at === text.length) return [...found, ""];
  }
}

/** A quoted cell longer than this is a quote that was never closed. */
const LONGEST_RECORD_LINES = 1_000;

async function* readCsv(lines: AsyncIterable<string>): AsyncGenerator<FileRecord> {
  let header: string[] | null = null;
  let number = 0;
  let open: { line: number; text: string } | null = null;
  for await (const text of lines) {
    number++;
    if (!open && text.trim() === "") continue;
    const line: number = open?.line ?? number;
    const whole: string = open ? `${open.text}\n${text}` : text;
    let row: string[] | null;
    try {
      row = cells(whole);
    } catch (error) {
      open = null;
      yield { line, problem: (error as Error).message };
      continue;
    }
    open = row || number - line > LONGEST_RECORD_LINES ? null : { line, text: whole };
    if (!row) {
      if (!open) yield { line, problem: "a quote is opened and not closed" };
    } else if (!header) header = row.map((name) => name.trim());
    else if (row.length !== header.length) {
      yield { line, problem: `${row.length} cells where the header has ${header.length}` };
    } else {
      const names: string[] = header;
      yield { line, record: Object.fromEntries(row.map((cell, index) => [names[index]!, cell])) };
    }
  }
  if (open) yield { line: open.line, problem: "a quote is opened and not closed" };
}

async function* readJsonLines(lines: AsyncIterable<string>): AsyncGenerator<FileRecord> {
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === "") continue;
    let value: Json;
    try {
      value = JSON.parse(text) as Json;
    } catch {
      yield { line, problem: "not JSON" };
      continue;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value))
      yield { line, problem: "not a JSON object" };
    else yield { line, record: value };
  }
}

/** Lines by line feeds alone: what readline also takes for one, such as U+2028, may stand inside JSON. */
async function* linesOf(chunks: AsyncIterable<Buffer>, onBytes: (bytes: number) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  if (rest !== "") yield rest;
}

export interface ReadOptions {
  format: RecordFormat;
  /** Told the number of bytes as they are read. */
  onBytes?: (bytes: number) => void;
}

/** The records of a stream of bytes. */
export function readRecords(
  input: AsyncIterable<Buffer>,
  { format, onBytes = () => {} }: ReadOptions,
): AsyncGenerator<FileRecord> {
  const lines = linesOf(input, onBytes);
  return format === "csv" ? readCsv(lines) : readJsonLines(lines);
}
