// A file into the database, chunk by chunk: what is held at once does not depend on the file's size.
import { constants } from "node:fs";
import { access, open } from "node:fs/promises";
import { resolve } from "node:path";
import type { JsonObject } from "../base/canonical-json.ts";
import { KnockError } from "../base/errors.ts";
import { type Cli, CommandFailed } from "./cli.ts";
import { createProgress } from "./progress.ts";
import { formatOf, readRecords, type RecordFormat } from "./read-records.ts";
import { type Answer, type Refusal, Refused } from "./refusal.ts";
import { count, plural } from "./terminal.ts";
import type { Parsed } from "./user-record.ts";

/** A line that was not imported. */
export interface BadLine {
  line: number;
  problem: string;
}

/** What an import did. */
export interface Imported {
  imported: number;
  bad: number;
  /** The first bad lines, in order. */
  badLines: BadLine[];
}

export interface ImportOptions<Item> {
  cli: Cli;
  /** Path, or `-` for the standard input. */
  file: string;
  format: RecordFormat | undefined;
  noun: string;
  /** Makes items of records, in the way of the format. */
  parser(format: RecordFormat): (record: JsonObject) => Parsed<Item>;
  /** Stores up to 10,000 items at once, or none and says why; the paths of the issues hold the place of the item. */
  write(items: Item[]): Promise<Answer<null>>;
}

const CHUNK = 10_000;
const MOST_BAD_LINES = 20;

const refuse = (problem: string, fix: string): KnockError =>
  new KnockError("INVALID_INPUT", {
    subject: "The file",
    issues: [{ path: [], message: problem, code: "invalid_file" }],
    fix,
  });

async function openFile(cwd: string, file: string) {
  if (file === "-") return { stream: process.stdin as AsyncIterable<Buffer>, size: null };
  const path = resolve(cwd, file);
  try {
    await access(path, constants.R_OK);
  } catch {
    throw refuse(`there is no readable file ${file}`, "Correct its path. With - the standard input is read.");
  }
  const handle = await open(path);
  const { size } = await handle.stat();
  return { stream: handle.createReadStream() as AsyncIterable<Buffer>, size };
}

interface Pending<Item> {
  line: number;
  item: Item;
}

/** The problem of each refused item, by its place in the call. */
function refusedItems({ issues }: Refusal): Map<number, string> {
  const problems = new Map<number, string>();
  for (const { path, message } of issues) {
    const at = path.findIndex((part) => typeof part === "number");
    const index = path[at];
    if (typeof index !== "number" || problems.has(index)) continue;
    const member = path.slice(at + 1).join(".");
    problems.set(index, member ? `${member}: ${message}` : message);
  }
  return problems;
}

/** Writes a chunk without the lines that are refused; tells how many were written. */
async function writeChunk<Item>(
  chunk: Pending<Item>[],
  write: ImportOptions<Item>["write"],
  onBad: (bad: BadLine) => void,
): Promise<number> {
  if (chunk.length === 0) return 0;
  const answer = await write(chunk.map(({ item }) => item));
  if (answer.ok) return chunk.length;
  const refused = refusedItems(answer.refusal);
  // Nothing that a line could do about it.
  if (refused.size === 0) throw new Refused(answer.refusal);
  for (const [index, problem] of refused) onBad({ line: chunk[index]!.line, problem });
  return writeChunk(
    chunk.filter((_pending, index) => !refused.has(index)),
    write,
    onBad,
  );
}

/** Imports every line that makes sense and remembers the others. */
export async function importRecords<Item>({
  cli,
  file,
  format,
  noun,
  parser,
  write,
}: ImportOptions<Item>): Promise<Imported> {
  const known = format ?? formatOf(file);
  if (!known) throw refuse("its name tells no format", "Add --format csv or --format jsonl.");
  const parse = parser(known);
  const { stream, size } = await openFile(cli.cwd, file);
  const progress = createProgress(cli.terminal, cli.clock, noun);
  const result: Imported = { imported: 0, bad: 0, badLines: [] };
  const onBad = (bad: BadLine) => {
    result.bad++;
    if (result.badLines.length < MOST_BAD_LINES) result.badLines.push(bad);
  };
  let bytes = 0;
  let chunk: Pending<Item>[] = [];
  const flush = async () => {
    const full = chunk;
    chunk = [];
    result.imported += await writeChunk(full, write, onBad);
    progress.update(size === null ? null : bytes / size, result.imported);
  };
  try {
    for await (const found of readRecords(stream, { format: known, onBytes: (more) => void (bytes += more) })) {
      const parsed = "problem" in found ? found : parse(found.record);
      if ("problem" in parsed) onBad({ line: found.line, problem: parsed.problem });
      else chunk.push({ line: found.line, item: parsed.item });
      if (chunk.length === CHUNK) await flush();
    }
    if (chunk.length > 0) await flush();
  } finally {
    progress.end();
  }
  return { ...result, badLines: result.badLines.toSorted((a, b) => a.line - b.line) };
}

/** Says what an import did; bad lines make the command fail. */
export function reportImport({
  cli,
  result,
  json,
  into,
}: {
  cli: Cli;
  result: Imported;
  json: boolean;
  into: string;
}): void {
  const { terminal } = cli;
  const { paint, paintErr } = terminal;
  if (json) terminal.out(JSON.stringify(result));
  else {
    for (const { line, problem } of result.badLines) terminal.err(`${paintErr.red("✗")} line ${line}: ${problem}`);
    const unseen = result.bad - result.badLines.length;
    if (unseen > 0) terminal.err(paintErr.dim(`  … and ${count(unseen)} more`));
    terminal.out(
      `${paint.green("✓")} ${count(result.imported)} imported into ${into}${result.bad > 0 ? `, ${plural(result.bad, "line")} left out` : ""}`,
    );
  }
  if (result.bad > 0) throw new CommandFailed();
}
