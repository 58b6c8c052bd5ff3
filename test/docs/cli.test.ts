// docs/cli.md has every command, with how it can end.
import type { Command } from "commander";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { createProgram } from "../../src/cli/program.ts";
import { processTerminal } from "../../src/cli/terminal.ts";
import { readDocs, root } from "./read-docs.ts";

const terminal = processTerminal({ NO_COLOR: "1" });
const program = createProgram({ terminal, cwd: root, environment: {}, clock: systemClock, version: "0.0.0" });

const leaves = (command: Command, path: string): string[] =>
  command.commands.length === 0 ? [path] : command.commands.flatMap((one) => leaves(one, `${path} ${one.name()}`));

const page = readDocs().find(({ path }) => path === "docs/cli.md")!;
const listed = [...page.text.matchAll(/^\| `(knock [^`]+)` \| [^|]+ \| [^|]*\|$/gm)].map((match) => match[1]!);

test("every command has its row in docs/cli.md, and every row its command", () => {
  expect(listed.toSorted()).toEqual(leaves(program, "knock").toSorted());
});
