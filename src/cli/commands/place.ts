// The options of commands that go somewhere: to the project's database, an environment, or a server.
import type { Command } from "commander";
import type { DeployPlaceOptions } from "../deploy/way.ts";
import { apiKeyOption, environmentOption, jsonOption, urlOption } from "../options.ts";

/** Gives a command the options that say where it goes. */
export const goingSomewhere = (command: Command): Command =>
  command.addOption(environmentOption()).addOption(urlOption()).addOption(apiKeyOption()).addOption(jsonOption());

/**
 * What the command was given. An environment has its own address and key: to name another as well is a mistake, while
 * the variables KNOCK_URL and KNOCK_API_KEY give way to it.
 */
export function placed<Options extends DeployPlaceOptions>(command: Command): Options {
  const options = command.optsWithGlobals<Options>();
  const typed = (name: string) => command.getOptionValueSource(name) === "cli";
  if (options.env !== undefined && (typed("url") || typed("apiKey"))) {
    command.error(`error: --env takes url and key from the config: leave out ${typed("url") ? "--url" : "--api-key"}`);
  }
  return options;
}
