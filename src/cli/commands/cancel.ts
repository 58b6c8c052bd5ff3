import { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { WayOptions } from "../operations.ts";
import { apiKeyOption, collect, jsonOption, urlOption } from "../options.ts";
import { accepted } from "../refusal.ts";
import { plural } from "../terminal.ts";

interface CancelOptions extends WayOptions {
  recipient?: string[];
  json?: boolean;
}

async function cancel(cli: Cli, key: string, options: CancelOptions): Promise<void> {
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations) => {
    const { notifications, runs } = accepted(await operations.cancel(key, options.recipient ?? null));
    const { terminal } = cli;
    if (options.json) return terminal.out(JSON.stringify({ notifications, runs }));
    const { paint } = terminal;
    if (notifications === 0)
      return terminal.out(`${paint.yellow("–")} nothing unfinished has the cancellation key ${key}`);
    terminal.out(`${paint.green("✓")} ${plural(runs, "run")} of ${plural(notifications, "notification")} ended`);
  });
}

/** `cancel`. */
export const cancelCommand = (cli: Cli): Command =>
  new Command("cancel")
    .summary("end what a cancellation key stands for")
    .description(
      "Ends every unfinished run of the notifications with this cancellation key. Later notifications are not affected.",
    )
    .argument("<key>", "the cancellation key of the notify calls")
    .option("-r, --recipient <id>", "end it for this user alone; may be given several times", collect)
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock cancel invitation-42 --recipient user_1")
    .action((key: string, _options: unknown, command: Command) =>
      cancel(cli, key, command.optsWithGlobals<CancelOptions>()),
    );
