// A project whose commands work on one database, and what they print.
import { expect } from "vitest";
import { type Finished, knock } from "./command.ts";
import { type Files, type Project, soundProject, temporary } from "./project.ts";

/** A project whose commands work on one database. */
export interface Checkout extends Project {
  knock(...args: string[]): Promise<Finished>;
  /** A command that must exit with 0, and what it prints with `--json`. */
  json(...args: string[]): Promise<Record<string, never>>;
}

/** A project that is gone when the test ends, with the variables of its commands. */
export async function checkoutOn(env: Record<string, string>, files: Files = soundProject): Promise<Checkout> {
  const project = temporary(files);
  const run = (...args: string[]) => knock(args, { cwd: project.root, env });
  return {
    ...project,
    knock: run,
    async json(...args) {
      const { code, stdout, stderr } = await run(...args, "--json");
      expect(code, stderr + stdout).toBe(0);
      return JSON.parse(stdout) as Record<string, never>;
    },
  };
}

/** The lines of a table, without the space between their columns. */
export const linesOf = (text: string): string[] =>
  text.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, " "));
