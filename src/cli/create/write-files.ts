import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Refused } from "../refusal.ts";

/** Files by their path in a folder. */
export type NewFiles = Readonly<Record<string, string>>;

/** A refusal of what a command was asked to make. */
export const refuse = (message: string, hint: string): Refused =>
  new Refused({ code: "INVALID_INPUT", message, hint, issues: [] });

/** Writes files that do not exist yet. Nothing is written when one of them does. */
export function writeNewFiles(root: string, files: NewFiles): void {
  const existing = Object.keys(files).find((path) => existsSync(join(root, path)));
  if (existing !== undefined)
    throw refuse(`${existing} exists already, and nothing is overwritten.`, "Choose another key, or move the file.");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { flag: "wx" });
  }
}
