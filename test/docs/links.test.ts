// Links inside the repository lead somewhere: to a file, and to a heading in it.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readDocs, root } from "./read-docs.ts";

/** A heading as its anchor, the way that code hosts make it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");

const withoutBlocks = (text: string): string => text.replaceAll(/^```[^]*?^```$/gm, "");

const anchorsIn = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1]!));

function problemOf(page: string, link: string): string | null {
  const [path, anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path!);
  if (!existsSync(join(root, target))) return `${page}: there is no ${target}`;
  if (anchor === undefined || anchorsIn(readFileSync(join(root, target), "utf8")).includes(anchor)) return null;
  return `${page}: ${target} has no heading #${anchor}`;
}

test("every link leads to a file and a heading that exist", () => {
  const links = readDocs().flatMap(({ path, text }) =>
    [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => ({ path, link: match[1]! })),
  );
  const inside = links.filter(({ link }) => !/^[a-z]+:/.test(link));
  expect(inside.length).toBeGreaterThan(10);
  expect(inside.flatMap(({ path, link }) => problemOf(path, link) ?? [])).toEqual([]);
});

test("a wrong link would be found", () => {
  expect(problemOf("docs/concepts.md", "nowhere.md")).toContain("there is no docs/nowhere.md");
  expect(problemOf("docs/concepts.md", "#nothing")).toContain("has no heading #nothing");
});
