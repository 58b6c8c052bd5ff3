import { Command } from "commander";
import { callOf, type CallOptions, withCallOptions } from "../call-options.ts";
import type { Cli } from "../cli.ts";
import type { WayOptions } from "../operations.ts";
import { apiKeyOption, jsonOption, urlOption } from "../options.ts";
import { accepted } from "../refusal.ts";

interface NotifyOptions extends WayOptions, CallOptions {
  idempotencyKey?: string;
  cancellationKey?: string;
  json?: boolean;
}

async function notify(cli: Cli, workflow: string, options: NotifyOptions): Promise<void> {
  const { idempotencyKey, cancellationKey, json } = options;
  const call = {
    ...(await callOf(cli.cwd, workflow, options)),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(cancellationKey !== undefined && { cancellationKey }),
  };
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations) => {
    const { id, status, warnings } = accepted(await operations.notify(call));
    const { terminal } = cli;
    const { paint } = terminal;
    if (json) return terminal.out(JSON.stringify({ id, status, warnings }));
    terminal.out(
      `${paint.green("✓")} notification ${paint.bold(id)} ${paint.dim(`${status}, by ${operations.place}`)}`,
    );
    for (const { code, message } of warnings) terminal.out(`  ${paint.yellow("!")} ${message} ${paint.dim(code)}`);
  });
}

/** `notify`. */
export const notifyCommand = (cli: Cli): Command =>
  withCallOptions(
    new Command("notify")
      .summary("notify people")
      .description(
        "Makes one notify call: through the server at --url, or in the project's database, where a running server or worker executes it.",
      ),
  )
    .option("--idempotency-key <key>", "a second call with this key does nothing")
    .option("--cancellation-key <key>", "key by which `knock cancel` ends it")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", `\nExample:\n  knock notify welcome-to-knock --recipient user_1 --data '{}'`)
    .action((workflow: string, _options: unknown, command: Command) =>
      notify(cli, workflow, command.optsWithGlobals<NotifyOptions>()),
    );
