import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const STATEMENT = /^(?:import|export)\s+(?!type\b)[^;]*?from\s+"([^"]+)"/gm;

/** Every file that comes along when this one is loaded; packages by their name. */
function reachable(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, specifier] of readFileSync(file, "utf8").matchAll(STATEMENT)) {
    if (specifier!.startsWith(".")) reachable(fileURLToPath(new URL(specifier!, `file://${file}`)), found);
    else found.add(specifier!);
  }
  return found;
}

test("a page that loads the client loads nothing else of ours, no package and nothing of Node", () => {
  const root = fileURLToPath(new URL("../../src/", import.meta.url));
  const files = [...reachable(`${root}client/index.ts`)].map((file) => file.replace(root, ""));
  expect(files.toSorted()).toEqual(["base/errors.ts", "client/documents.ts", "client/index.ts", "client/request.ts"]);
});
