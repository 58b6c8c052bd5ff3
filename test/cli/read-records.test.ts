import fc from "fast-check";
import { expect, test } from "vitest";
import { type FileRecord, type RecordFormat, formatOf, readRecords } from "../../src/cli/read-records.ts";

/** The bytes in pieces of a size, so that pieces end in the middle of lines and characters. */
async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = async (text: string, format: RecordFormat, size = 7): Promise<FileRecord[]> =>
  Array.fromAsync(readRecords(pieces(text, size), { format }));

test("CSV: quotes, commas, line breaks inside cells, a byte order mark, CRLF and empty lines", async () => {
  const text = '\uFEFFid,name, plan\r\nada,"Lovelace, ""Ada""",pro\r\n\r\nbob,"two\nlines",\r\n"zoë",x,y';
  expect(await read(text, "csv")).toEqual([
    { line: 2, record: { id: "ada", name: 'Lovelace, "Ada"', plan: "pro" } },
    { line: 4, record: { id: "bob", name: "two\nlines", plan: "" } },
    { line: 6, record: { id: "zoë", name: "x", plan: "y" } },
  ]);
});

test("CSV: a bad line is named and the others are read", async () => {
  expect(await read('id,name\na,b,c\n"x"y,z\nada,Ada\n', "csv")).toEqual([
    { line: 2, problem: "3 cells where the header has 2" },
    { line: 3, problem: "text after a closing quote" },
    { line: 4, record: { id: "ada", name: "Ada" } },
  ]);
});

test("CSV: a quote that is never closed does not swallow the file without a word", async () => {
  const open = await read('id,name\nada,"Ada\nbob,Bob\n', "csv");
  expect(open).toEqual([{ line: 2, problem: "a quote is opened and not closed" }]);
  const long = await read(`id,name\nada,"Ada\n${"x,y\n".repeat(1_200)}`, "csv", 4_096);
  expect(long[0]).toEqual({ line: 2, problem: "a quote is opened and not closed" });
  expect(long.at(-1)).toEqual({ line: 1_202, record: { id: "x", name: "y" } });
});

test("JSON lines: what is no object is named with its line", async () => {
  const text = '{"id":"ada","text":"a\u2028b"}\n\n[1]\nnull\n{"id":\n{"id":"bob"}';
  expect(await read(text, "jsonl")).toEqual([
    { line: 1, record: { id: "ada", text: "a\u2028b" } },
    { line: 3, problem: "not a JSON object" },
    { line: 4, problem: "not a JSON object" },
    { line: 5, problem: "not JSON" },
    { line: 6, record: { id: "bob" } },
  ]);
});

test("CSV: any text survives being written as cells, whatever the pieces", async () => {
  const cell = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\r", ""));
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { maxLength: 8 }),
      fc.integer({ min: 1, max: 64 }),
      async (rows, size) => {
        const text = ["a,b", ...rows.map((row) => row.map(quoted).join(","))].join("\n");
        const records = (await read(text, "csv", size)).map((found) =>
          "record" in found ? [found.record.a, found.record.b] : found,
        );
        expect(records).toEqual(rows);
      },
    ),
  );
});

test("the name of a file tells its format", () => {
  expect(["a.csv", "b.JSONL", "c.ndjson", "d.txt"].map(formatOf)).toEqual(["csv", "jsonl", "jsonl", null]);
});
