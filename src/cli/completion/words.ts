// What may follow on a command line, as data: what the scripts of the shells are made of.
import type { Argument, Command, Option } from "commander";

/** A word that may stand next, with what it means. */
export interface Word {
  text: string;
  meaning: string;
}

/** What a value can be: some words, the key of a workflow, or anything (then files are offered). */
export type Values = readonly string[] | "workflow" | null;

/** A command, by how it is typed. */
export interface Place {
  /** Without `knock`: `keys create`; empty for knock itself. */
  path: string;
  commands: Word[];
  options: Word[];
  /** Options that take a value, by each way to write them. */
  values: { flag: string; values: Values }[];
  /** What the first argument can be. */
  argument: Values;
}

const firstLine = (text: string): string => text.split(/[.;(]\s/)[0]!.trim();

const isWorkflow = (name: string): boolean => name === "workflow";

function valuesOf(option: Option): Values {
  if (option.argChoices) return option.argChoices;
  return option.long === "--workflow" ? "workflow" : null;
}

function argumentOf([argument]: readonly Argument[]): Values {
  if (argument?.argChoices) return argument.argChoices;
  return argument && isWorkflow(argument.name()) ? "workflow" : null;
}

const flagsOf = ({ short, long }: Option): string[] =>
  [short, long].filter((flag) => flag !== undefined && flag !== null);

/** All commands of a program, itself first. */
export function placesOf(command: Command, path = "", inherited: readonly Option[] = []): Place[] {
  const options = [...command.options, ...inherited].filter(({ hidden }) => !hidden);
  const taking = options.filter(({ required, optional }) => required || optional);
  const place: Place = {
    path,
    commands: command.commands.map((one) => ({
      text: one.name(),
      meaning: one.summary() || firstLine(one.description()),
    })),
    options: [
      ...options.map(({ long, description }) => ({ text: long!, meaning: firstLine(description) })),
      { text: "--help", meaning: "show this help" },
    ],
    values: taking.flatMap((option) => flagsOf(option).map((flag) => ({ flag, values: valuesOf(option) }))),
    argument: argumentOf(command.registeredArguments),
  };
  const passedOn = options.filter(({ long }) => long !== "--version");
  return [place, ...command.commands.flatMap((one) => placesOf(one, `${path} ${one.name()}`.trim(), passedOn))];
}
