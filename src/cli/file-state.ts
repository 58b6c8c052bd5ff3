import { statSync } from "node:fs";

/** The state of a file that does not exist. */
export const ABSENT = "absent";

/** What tells two states of a file apart, without reading it. */
export function stateOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}:${stat.size}:${stat.ino}` : ABSENT;
}

/** Whether a state is that of a file without content. */
export const isEmptyState = (state: string): boolean => state.split(":")[1] === "0";
