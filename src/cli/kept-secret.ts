// What a developer's machine makes once and keeps for itself.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const OWNER_ONLY = 0o600;

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** A secret in a folder, made when there is none. Only its owner can read the file. */
export function keptSecret(directory: string, name: string, make: () => string): string {
  const file = join(directory, name);
  const known = read(file);
  if (known !== null) return known;
  mkdirSync(directory, { recursive: true });
  // Whole or not at all, and the first of several processes makes it.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${make()}\n`, { mode: OWNER_ONLY });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  return read(file)!;
}
