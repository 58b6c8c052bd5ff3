import { Command } from "commander";
import type { Json, JsonObject } from "../../base/canonical-json.ts";
import { KnockError } from "../../base/errors.ts";
import type { Cli } from "../cli.ts";
import type { WayOptions } from "../operations.ts";
import { apiKeyOption, collect, jsonOption, urlOption } from "../options.ts";
import { readData } from "../read-data.ts";
import { accepted } from "../refusal.ts";
import { plural } from "../terminal.ts";

interface SignalOptions extends WayOptions {
  match?: string[];
  data: string;
  json?: boolean;
}

function valueOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function matchOf(given: readonly string[]): JsonObject {
  const entries = given.map((pair): [string, Json] => {
    const at = pair.indexOf("=");
    if (at > 0) return [pair.slice(0, at), valueOf(pair.slice(at + 1))];
    const issue = { path: ["match"], message: `"${pair}" is not of the form key=value`, code: "invalid_value" };
    throw new KnockError("INVALID_INPUT", { subject: "The event", issues: [issue] });
  });
  return Object.fromEntries(entries);
}

async function signal(cli: Cli, name: string, options: SignalOptions): Promise<void> {
  const event = { name, match: matchOf(options.match ?? []), data: await readData(cli.cwd, options.data) };
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations) => {
    const runs = accepted(await operations.signal(event));
    const { terminal } = cli;
    const { paint } = terminal;
    if (options.json) return terminal.out(JSON.stringify({ runs }));
    if (runs === 0) return terminal.out(`${paint.yellow("–")} no run waits for ${name} with this match`);
    terminal.out(`${paint.green("✓")} ${plural(runs, "run")} ${runs === 1 ? "goes" : "go"} on`);
  });
}

/** `signal`. */
export const signalCommand = (cli: Cli): Command =>
  new Command("signal")
    .summary("say that something happened, to the runs that wait for it")
    .description(
      "Lets the runs go on that wait for this event with exactly this match. An event is not kept for runs that begin to wait later.",
    )
    .argument("<name>", "name of the event, as the waiting steps have it")
    .option(
      "-m, --match <key=value>",
      "what the steps match on; the value is JSON, else text; may be given several times",
      collect,
    )
    .option("-d, --data <json>", "what later steps read of the event, or @file", "{}")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", `\nExample:\n  knock signal order.paid --match order=A-7 --data '{"amount": 20}'`)
    .action((name: string, _options: unknown, command: Command) =>
      signal(cli, name, command.optsWithGlobals<SignalOptions>()),
    );
