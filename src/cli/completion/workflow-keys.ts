import { readFileSync } from "node:fs";
import { findConfig, workflowFiles } from "../find-project.ts";

const BEGINNING = /\bworkflow\w*\(\s*["'`]([a-z][a-z0-9_-]*)["'`]/g;

/**
 * The keys that the files in `workflows/` name, found by reading and without running them: a Tab must not wait for a
 * project to load, nor run what is in it.
 */
export function workflowKeys(cwd: string): string[] {
  if (findConfig(cwd) === null) return [];
  const texts = workflowFiles(cwd).files.map((file) => readFileSync(file, "utf8"));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(BEGINNING)].map((match) => match[1]!)))].toSorted();
}
