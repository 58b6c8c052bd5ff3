import { Command, InvalidArgumentError, Option } from "commander";
import { parseInstant } from "../../base/instant.ts";
import type { Assumptions } from "../../engine/simulate/contract.ts";
import { callOf, type CallOptions, withCallOptions } from "../call-options.ts";
import type { Cli } from "../cli.ts";
import type { WayOptions } from "../operations.ts";
import { apiKeyOption, jsonOption, urlOption } from "../options.ts";
import { readData } from "../read-data.ts";
import { accepted } from "../refusal.ts";
import type { Paint } from "../terminal.ts";

interface SimulateOptions extends WayOptions, CallOptions {
  at?: Date;
  first?: number;
  assume?: string;
  json?: boolean;
}

function parseMoment(text: string): Date {
  const at = parseInstant(text);
  if (at !== null) return new Date(at);
  throw new InvalidArgumentError("a moment is ISO 8601, such as 2026-03-01T08:00:00Z");
}

function parseCount(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a number from 1 to 1000");
}

/** Whose run it is stands out; when something happens stands back. */
function lineOf(line: string, paint: Paint): string {
  const [, indent, time, rest] = /^( {2})(\S.{8})(.*)$/.exec(line) ?? [];
  if (indent !== undefined && /^(\+|\d\d:)/.test(time!)) return `${indent}${paint.dim(time)}${rest}`;
  return line.includes(" → ") && !line.startsWith(" ") ? paint.bold(line) : line;
}

async function simulate(cli: Cli, workflow: string, options: SimulateOptions): Promise<void> {
  const { at, first, json } = options;
  const call = await callOf(cli.cwd, workflow, options);
  const assume = options.assume === undefined ? undefined : ((await readData(cli.cwd, options.assume)) as Assumptions);
  const how = { ...(at && { at }), ...(first !== undefined && { first }), ...(assume !== undefined && { assume }) };
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations) => {
    const simulation = accepted(await operations.simulate(call, how));
    const { out, paint } = cli.terminal;
    if (json) return out(JSON.stringify(simulation));
    for (const line of simulation.text.split("\n")) out(lineOf(line, paint));
  });
}

/** `simulate`. */
export const simulateCommand = (cli: Cli): Command =>
  withCallOptions(
    new Command("simulate")
      .summary("tell what a notify call would lead to, without sending anything")
      .description(
        "Tells what a notify call would lead to: every step and message, rendered, with its time. On the people, lists, preferences, batches and throttles as they are now. Without --url the workflows are those of this checkout, deployed or not.",
      ),
  )
    .addOption(new Option("--at <time>", "when the call is made, ISO 8601 (default: now)").argParser(parseMoment))
    .addOption(
      new Option("--first <count>", "people that are gone through, at most 1000 (default: 100)").argParser(parseCount),
    )
    .option("--assume <json>", "what other systems answer, which events happen, what becomes of messages; or @file")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `\nExample:\n  knock simulate new-comment --recipient user_1 --data @comment.json --at 2026-03-01T08:00:00Z`,
    )
    .action((workflow: string, _options: unknown, command: Command) =>
      simulate(cli, workflow, command.optsWithGlobals<SimulateOptions>()),
    );
