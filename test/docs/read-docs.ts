// The README and the pages of docs/, as the blocks of code that they show.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** A fenced block of a page. */
export interface Block {
  /** Path of the page, seen from the repository. */
  page: string;
  /** Line of the first line of code in the page, from 1. */
  line: number;
  language: string;
  /** What the fence says after the language. */
  info: string;
  text: string;
  /** What a comment `<!-- given: … -->` right before the block declares: it is there, and not shown. */
  given: string;
}

/** A page for readers. */
export interface Page {
  path: string;
  text: string;
  blocks: Block[];
}

const BLOCK = /(?:<!-- given:([^]*?)-->\n)?^```([\w-]*)[^\S\n]*([^\n]*)\n([^]*?)^```$/gm;

/** The blocks of a page. */
export function blocksOf(path: string, text: string): Block[] {
  return [...text.matchAll(BLOCK)].map((match) => {
    const [whole, given = "", language, info, code] = match;
    const before = text.slice(0, match.index + whole.indexOf("```"));
    return {
      page: path,
      line: before.split("\n").length + 1,
      language: language!,
      info: info!,
      text: code!,
      given: given.trim(),
    };
  });
}

function pageAt(path: string): Page {
  const text = readFileSync(join(root, path), "utf8");
  return { path, text, blocks: blocksOf(path, text) };
}

/** Every page. */
export function readDocs(): Page[] {
  const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", "src/README.md", ...pages.toSorted().map((name) => `docs/${name}`)].map(pageAt);
}

/** All blocks of some languages. */
export const blocksIn = (...languages: string[]): Block[] =>
  readDocs().flatMap(({ blocks }) => blocks.filter(({ language }) => languages.includes(language)));
