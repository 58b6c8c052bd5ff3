// Commands that the pages name exist: npm scripts, and verbs and flags of the command line.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { createProgram } from "../../src/cli/program.ts";
import { processTerminal } from "../../src/cli/terminal.ts";
import { readDocs, root } from "./read-docs.ts";

const program = createProgram({
  terminal: processTerminal({ NO_COLOR: "1" }),
  cwd: root,
  environment: {},
  clock: systemClock,
  version: "0.0.0",
});

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
const OF_NPM = ["ci", "install", "test"];

interface Mention {
  place: string;
  command: string;
}

const FENCED = ["sh", "bash", "shell", "console", "text"];

/** Commands in blocks: what begins like one, after `$` where there is output as well. */
function fenced({ path, blocks }: ReturnType<typeof readDocs>[number]): Mention[] {
  return blocks
    .filter(({ language }) => FENCED.includes(language))
    .flatMap(({ language, line, text }) =>
      text
        .replaceAll(/\\\n\s*/g, " ")
        .split("\n")
        .flatMap((row, index) => {
          if (language === "text" && !row.trimStart().startsWith("$ ")) return [];
          const commands = row
            .replace(/^\s*\$ /, "")
            .replace(/\s#.*$/, "")
            .split(/&&|\|(?!\|)|;/);
          return commands.map((command) => ({ place: `${path}:${line + index}`, command: command.trim() }));
        }),
    );
}

/** Commands in running text: `knock check`. */
function inline({ path, text }: ReturnType<typeof readDocs>[number]): Mention[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, (block) => block.replaceAll(/[^\n]/g, ""));
  return [...prose.matchAll(/`((?:npx knock|knock|npm run) [^`]+)`/g)].flatMap(({ 1: code, index }) =>
    code!
      .split("&&")
      .map((command) => ({ place: `${path}:${prose.slice(0, index).split("\n").length}`, command: command.trim() })),
  );
}

const words = (command: string): string[] =>
  command.replace(/^(?:[A-Z_]+=\S* )+/, "").match(/"[^"]*"|'[^']*'|\S+/g) ?? [];

/** The flags that a command and those above it understand. */
function flagsOf(command: Command): string[] {
  const own = command.options
    .flatMap(({ short, long }) => [short, long])
    .filter((flag) => flag !== undefined && flag !== null);
  return ["--help", "-h", ...own, ...(command.parent ? flagsOf(command.parent as Command) : [])];
}

/** The command that the words name, what follows it, and the first word that names none. */
function find(
  command: Command,
  args: readonly string[],
): { command: Command; rest: readonly string[]; wrong: string | null } {
  const [word, ...rest] = args;
  if (command.commands.length === 0 || word === undefined || word.startsWith("-"))
    return { command, rest: args, wrong: null };
  const next = command.commands.find((one) => one.name() === word);
  return next ? find(next, rest) : { command, rest, wrong: word };
}

function knockProblem(args: readonly string[]): string | null {
  const { command, rest, wrong } = find(program, args);
  const path = args.slice(0, args.length - rest.length).join(" ");
  if (wrong !== null) return `there is no knock ${path}`;
  const flags = flagsOf(command);
  const unknown = rest.find((arg) => /^--?[a-z]/.test(arg) && !flags.includes(arg.replace(/=.*$/, "")));
  return unknown ? `knock ${path} does not know ${unknown}` : null;
}

function problemOf(command: string): string | null {
  const [first, second, ...rest] = words(command);
  if (first === "knock") return knockProblem(second === undefined ? [] : [second, ...rest]);
  if (first === "npx" && second === "knock") return knockProblem(rest);
  if (first === "npm" && second === "run") return scripts[rest[0] ?? ""] ? null : `there is no npm script ${rest[0]}`;
  if (first === "npm") return OF_NPM.includes(second ?? "") ? null : `npm ${second} is not expected in the pages`;
  return null;
}

const mentions = readDocs().flatMap((page) => [...fenced(page), ...inline(page)]);

test("every command that the pages name exists", () => {
  const known = mentions.filter(({ command }) => /^(?:[A-Z_]+=\S* )*(?:npx knock|knock|npm) /.test(command));
  expect(known.length).toBeGreaterThan(10);
  expect(mentions.flatMap(({ place, command }) => problemOf(command)?.replace(/^/, `${place}: `) ?? [])).toEqual([]);
});

describe("a command is looked at closely", () => {
  test.each([
    ["knock chekc", "there is no knock chekc"],
    ["npx knock keys make", "there is no knock keys make"],
    ["knock notify new-comment --recipients a", "knock notify does not know --recipients"],
    ["npm run devv", "there is no npm script devv"],
  ])("%s", (command, problem) => expect(problemOf(command)).toBe(problem));

  test.each([
    "knock lists --help",
    "knock keys create --scope notify --json",
    "npm run dev -- --port 1",
    "knock check --config x.ts",
    "DATABASE_URL=x knock migrate --check",
  ])("%s", (command) => expect(problemOf(command)).toBeNull());
});
