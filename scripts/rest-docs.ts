// Writes the matrix of operations into docs/rest.md.
//
//   node scripts/rest-docs.ts   (the script "rest-docs")
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { matrix } from "./rest-matrix.ts";

const page = fileURLToPath(new URL("../docs/rest.md", import.meta.url));

const BEGIN = "<!-- matrix -->";
const END = "<!-- end of the matrix -->";

/** A page with the matrix as it is now. */
export function withMatrix(text: string): string {
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (before < 0 || after < 0) throw new Error(`the page has no ${BEGIN} and ${END}`);
  return `${text.slice(0, before + BEGIN.length)}\n\n${matrix()}\n\n${text.slice(after)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, withMatrix(readFileSync(page, "utf8")));
}
