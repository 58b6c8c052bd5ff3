import { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { DoctorOptions } from "../doctor.ts";
import { jsonOption } from "../options.ts";

/** `doctor`. */
export const doctorCommand = (cli: Cli): Command =>
  new Command("doctor")
    .summary("say what is wrong with a running system, and what to do")
    .description(
      "Looks at the database, the migrations, the clocks, the queues, jobs that failed for good, work that got lost, what is overdue, and how sends go. Changes nothing unless told to. Exits with 1 when something is wrong.",
    )
    .option("--requeue", "put back at once what failed for good or lost its job")
    .option("--since <age>", "how far back --requeue looks for messages that nobody tried to send", "7d")
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  DATABASE_URL=postgres://… knock doctor")
    .action(async (_options: unknown, command: Command) => {
      const { doctor } = await import("../doctor.ts");
      await doctor(cli, command.optsWithGlobals<DoctorOptions>());
    });
