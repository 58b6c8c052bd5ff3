import { Command, Option } from "commander";
import {
  missedPolicies,
  type MissedPolicy,
  scheduleStatuses,
  type ScheduleStatus,
} from "../../store/schema/schedules.ts";
import type { Cli } from "../cli.ts";
import type { ListedSchedule, WayOptions } from "../operations.ts";
import { apiKeyOption, collect, jsonOption, urlOption } from "../options.ts";
import { readData } from "../read-data.ts";
import { accepted } from "../refusal.ts";
import { type Paint, plural } from "../terminal.ts";

interface CreateOptions extends WayOptions {
  recipient?: string[];
  list?: string[];
  actor?: string;
  data: string;
  tenant?: string;
  at?: string;
  recurrence?: string;
  startsAt?: string;
  endsAt?: string;
  timezone?: string;
  onMissed?: MissedPolicy;
  json?: boolean;
}

interface ListOptions extends WayOptions {
  recipient?: string;
  workflow?: string;
  status?: ScheduleStatus;
  after?: string;
  json?: boolean;
}

interface DeleteOptions extends WayOptions {
  json?: boolean;
}

async function create(cli: Cli, workflow: string, options: CreateOptions): Promise<void> {
  const { recipient, list, actor, tenant, at, recurrence, startsAt, endsAt, timezone, onMissed } = options;
  const data = await readData(cli.cwd, options.data);
  const timing = { at, recurrence, startsAt, endsAt, timezone, onMissed };
  const input = { workflow, data, recipients: recipient, lists: list, actor, tenant, ...timing };
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations) => {
    const { schedules, warnings } = accepted(await operations.createSchedules(input));
    const { out, paint } = cli.terminal;
    if (options.json) return out(JSON.stringify({ schedules, warnings }));
    for (const { id, recipientId, nextAt } of schedules) {
      const whom = recipientId ?? (list ?? []).join(", ");
      out(`${paint.green("✓")} schedule ${paint.bold(id)} for ${whom} ${paint.dim(`first at ${nextAt}`)}`);
    }
    for (const { code, message } of warnings) out(`  ${paint.yellow("!")} ${message} ${paint.dim(code)}`);
  });
}

function lineOf({ id, workflow, status, ...schedule }: ListedSchedule, paint: Paint): string {
  const whom = schedule.recipientId ?? schedule.lists.join(", ");
  const rule = schedule.recurrence ?? "once";
  const when = schedule.nextAt ? `next at ${schedule.nextAt}` : status;
  const problem = schedule.problem ? `  ${paint.red(schedule.problem)}` : "";
  return `${paint.bold(id)}  ${workflow} → ${whom}  ${rule}  ${paint.dim(when)}${problem}`;
}

async function list(cli: Cli, options: ListOptions): Promise<void> {
  const { recipient, workflow, status, after } = options;
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations) => {
    const { schedules, next } = accepted(await operations.listSchedules({ recipient, workflow, status, after }));
    const { out, paint } = cli.terminal;
    if (options.json) return out(JSON.stringify({ schedules, next }));
    for (const schedule of schedules) out(lineOf(schedule, paint));
    if (schedules.length === 0) out(`${paint.yellow("–")} no schedules`);
    if (next !== null) out(paint.dim(`there are more: --after ${next}`));
  });
}

async function erase(cli: Cli, ids: string[], options: DeleteOptions): Promise<void> {
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations) => {
    const deleted = accepted(await operations.deleteSchedules(ids));
    const { out, paint } = cli.terminal;
    if (options.json) return out(JSON.stringify({ deleted }));
    if (deleted.length > 0) out(`${paint.green("✓")} ${plural(deleted.length, "schedule")} deleted`);
    for (const id of ids) if (!deleted.includes(id)) out(`${paint.yellow("–")} there is no schedule ${id}`);
  });
}

const connected = (command: Command): Command =>
  command.addOption(urlOption()).addOption(apiKeyOption()).addOption(jsonOption());

function addCreate(cli: Cli, schedules: Command): void {
  const command = schedules
    .command("create")
    .summary("notify at one moment, or again and again")
    .description(
      "Creates one schedule for each recipient, and one for all lists together. Give either --at or --recurrence.",
    )
    .argument("<workflow>", "key of the workflow")
    .option("-r, --recipient <id>", "user to notify; may be given several times", collect)
    .option("-l, --list <name>", "list to notify; may be given several times", collect)
    .option("-a, --actor <id>", "user who did the thing")
    .option("-d, --data <json>", "data of the workflow, or @file", "{}")
    .option("--tenant <id>", "tenant that the notifications belong to")
    .option("--at <timestamp>", "the only moment, ISO 8601")
    .option("--recurrence <rule>", "five cron fields, or RRULE:… without DTSTART")
    .option("--starts-at <timestamp>", "no moment is earlier (default: now)")
    .option("--ends-at <timestamp>", "no moment is later")
    .option("--timezone <zone>", "IANA zone of the recurrence (default: that of the recipient)")
    .addOption(
      new Option(
        "--on-missed <policy>",
        "what becomes of moments that passed while no process ran (default: last)",
      ).choices(missedPolicies),
    );
  connected(command)
    .addHelpText("after", `\nExample:\n  knock schedules create weekly-report -r user_1 --recurrence "0 9 * * MON"`)
    .action((workflow: string, _options: unknown, given: Command) =>
      create(cli, workflow, given.optsWithGlobals<CreateOptions>()),
    );
}

/** `schedules create`, `schedules list` and `schedules delete`. */
export function schedulesCommand(cli: Cli): Command {
  const schedules = new Command("schedules")
    .summary("create, list and delete schedules")
    .description("Notify calls at one moment, or again and again.");
  addCreate(cli, schedules);
  connected(
    schedules
      .command("list")
      .summary("list schedules")
      .description("Lists schedules, newest first, 100 at a time.")
      .option("-r, --recipient <id>", "only those of this user")
      .option("-w, --workflow <key>", "only those of this workflow")
      .addOption(new Option("--status <status>", "only those that stand so").choices(scheduleStatuses))
      .option("--after <cursor>", "go on where the list before ended"),
  )
    .addHelpText("after", "\nExample:\n  knock schedules list --recipient user_1")
    .action((_options: unknown, command: Command) => list(cli, command.optsWithGlobals<ListOptions>()));
  connected(
    schedules
      .command("delete")
      .summary("delete schedules")
      .description("Deletes schedules. What they have sent stays.")
      .argument("<id...>", "ids of schedules, as `knock schedules list` shows them"),
  )
    .addHelpText("after", "\nExample:\n  knock schedules delete 0199a3c4-7d2e-7cc1-9d0b-5f0a3e1b2c4d")
    .action((ids: string[], _options: unknown, command: Command) =>
      erase(cli, ids, command.optsWithGlobals<DeleteOptions>()),
    );
  return schedules;
}
