import { Command } from "commander";
import { type Cli, CommandFailed } from "../cli.ts";
import type { WayOptions } from "../operations.ts";
import { apiKeyOption, jsonOption, urlOption } from "../options.ts";
import { accepted } from "../refusal.ts";

interface RerunOptions extends WayOptions {
  json?: boolean;
}

async function rerun(cli: Cli, ids: string[], options: RerunOptions): Promise<void> {
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations) => {
    const answers = accepted(await operations.rerun(ids));
    const { out, paint } = cli.terminal;
    if (options.json) {
      const results = answers.map((answer, index) => ({
        id: ids[index],
        ...(answer.ok ? { ok: true } : { ok: false, error: answer.refusal }),
      }));
      out(JSON.stringify(results));
    } else {
      for (const [index, answer] of answers.entries()) {
        if (answer.ok) out(`${paint.green("✓")} run ${paint.bold(ids[index]!)} goes on at the step that failed`);
        else out(`${paint.red("✗")} ${answer.refusal.message} ${paint.dim(answer.refusal.hint)}`);
      }
    }
    if (answers.some(({ ok }) => !ok)) throw new CommandFailed();
  });
}

/** `rerun`. */
export const rerunCommand = (cli: Cli): Command =>
  new Command("rerun")
    .summary("let failed runs go on")
    .description(
      "Lets failed runs go on at the step that failed, in the version in which they began; what they did before is not done again. The exit code is 1 when one of them cannot.",
    )
    .argument("<run-id...>", "ids of failed runs")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock rerun 0199a3c4-7d2e-8cc1-9d0b-5f0a3e1b2c4d")
    .action((ids: string[], _options: unknown, command: Command) =>
      rerun(cli, ids, command.optsWithGlobals<RerunOptions>()),
    );
