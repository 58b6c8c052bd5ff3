import { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { NewWorkflowOptions } from "../create/new-workflow.ts";
import { collect, jsonOption } from "../options.ts";

/** `new workflow`. */
export function newCommand(cli: Cli): Command {
  const create = new Command("new").summary("write the files of a new workflow").description("New files in a project.");
  create
    .command("workflow")
    .summary("write a workflow, its line in the index, and a test")
    .description(
      "Writes workflows/<key>.ts and test/workflows/<key>.test.ts and adds the line to workflows/index.ts; what comes out passes `knock check` and its test. At a terminal it asks for what no option says. Never overwrites a file.",
    )
    .argument("<key>", "key of the new workflow: lower case words joined by - or _")
    .option(
      "--channel <channel>",
      "channel of the config, or its type; several with commas, or given several times (default: the feed)",
      collect,
    )
    .option(
      "--data <fields>",
      "what a call brings: name:type, several with commas; types are string, number, integer, boolean, email, url, date, datetime or choices such as a|b; [] makes a list, ? lets it be absent",
    )
    .option("--name <name>", "its name for people (default: from the key)")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `\nExample:\n  knock new workflow order-shipped --channel inApp,email --data 'order_id:string,carrier:dhl|ups,total:number?'`,
    )
    .action(async (key: string, _options: unknown, command: Command) => {
      const { newWorkflow } = await import("../create/new-workflow.ts");
      await newWorkflow(cli, key, command.optsWithGlobals<NewWorkflowOptions>());
    });
  return create;
}
