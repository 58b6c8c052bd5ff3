import { Command, Option } from "commander";
import type { ImpactQuestion } from "../../engine/directory/preference-impact.ts";
import type { Cli } from "../cli.ts";
import type { WayOptions } from "../operations.ts";
import { apiKeyOption, jsonOption, urlOption } from "../options.ts";
import { accepted } from "../refusal.ts";

interface ImpactOptions extends WayOptions {
  set: string;
  replace?: boolean;
  tenant?: string;
  json?: boolean;
}

async function impact(cli: Cli, options: ImpactOptions): Promise<void> {
  const { readData } = await import("../read-data.ts");
  const preferences = await readData(cli.cwd, options.set);
  const question: ImpactQuestion = {
    preferences,
    mode: options.replace ? "REPLACE" : "MERGE",
    tenantId: options.tenant ?? null,
  };
  const { withOperations } = await import("../operations.ts");
  const { impactLines } = await import("../impact.ts");
  await withOperations(cli, options, async (operations) => {
    const found = accepted(await operations.preferenceImpact(question));
    const { out, paint } = cli.terminal;
    if (options.json) return out(JSON.stringify(found));
    for (const line of impactLines(found, paint)) out(line);
  });
}

/** `preferences impact`. */
export function preferencesCommand(cli: Cli): Command {
  const preferences = new Command("preferences")
    .summary("try a change of the default preferences")
    .description("The default preferences of the environment, which the config holds.");
  preferences
    .command("impact")
    .summary("who would stop or start getting which workflows")
    .description(
      "Tells who would stop or start getting which workflows if the default preferences changed. Looks at every user; changes nothing.",
    )
    .addOption(
      new Option("-s, --set <json>", "entries of the default set, as JSON or @file.json").makeOptionMandatory(),
    )
    .option("--replace", "they take the place of the present default (default: they are laid over it)")
    .option("--tenant <id>", "for messages of this tenant (default: for messages that belong to none)")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `\nExample:\n  knock preferences impact --set '{"categories":{"marketing":{"channelTypes":{"email":false}}}}'`,
    )
    .action((_options: unknown, command: Command) => impact(cli, command.optsWithGlobals<ImpactOptions>()));
  return preferences;
}
