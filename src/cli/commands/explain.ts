import { Command, InvalidArgumentError, Option } from "commander";
import { formatDuration, parseDuration } from "../../base/duration.ts";
import { parseInstant } from "../../base/instant.ts";
import type { Cli } from "../cli.ts";
import type { ToldExplanation } from "../explained.ts";
import type { WayOptions } from "../operations.ts";
import { apiKeyOption, jsonOption, urlOption } from "../options.ts";
import { accepted } from "../refusal.ts";
import type { Paint } from "../terminal.ts";

interface ExplainOptions extends WayOptions {
  notification?: string;
  workflow?: string;
  since?: Moment;
  until?: Moment;
  json?: boolean;
}

/** So many milliseconds ago, or an instant. */
type Moment = { ago: number } | { at: Date };

/** A time on the command line: `24h` ago, or ISO 8601. */
function parseMoment(text: string): Moment {
  const ago = parseDuration(text);
  if (ago !== null) return { ago };
  const at = parseInstant(text);
  if (at !== null) return { at: new Date(at) };
  throw new InvalidArgumentError(`a time is ISO 8601, or how long ago it was, such as ${formatDuration(86_400_000)}`);
}

const instantOf = (moment: Moment | undefined, now: Date): Date | undefined =>
  moment && ("at" in moment ? moment.at : new Date(Math.max(0, now.getTime() - moment.ago)));

/** The name of a step stands out; so does who did not get anything. */
function lineOf(line: string, index: number, { steps }: ToldExplanation, paint: Paint): string {
  if (index === 0) return paint.bold(line);
  const step = steps.find(({ ref, kind }) => line.startsWith(`${ref} (${kind}): `));
  return step ? `  ${paint.cyan(step.ref)}${line.slice(step.ref.length)}` : line;
}

async function explain(cli: Cli, userId: string, options: ExplainOptions): Promise<void> {
  const { notification: notificationId, workflow, since, until } = options;
  const now = cli.clock.now();
  const question = { userId, notificationId, workflow, from: instantOf(since, now), until: instantOf(until, now) };
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations) => {
    const told = accepted(await operations.explain(question));
    const { out, paint } = cli.terminal;
    if (options.json) return out(JSON.stringify(told));
    if (told.reason !== null) return out(`${paint.yellow("–")} ${told.reason}`);
    for (const [index, explanation] of told.explanations.entries()) {
      if (index > 0) out();
      explanation.text.forEach((line, nth) => out(lineOf(line, nth, explanation, paint)));
    }
    if (told.more) out(paint.dim("\nthere are more: ask for a shorter time with --since and --until"));
  });
}

const momentOption = (flags: string, description: string) => new Option(flags, description).argParser(parseMoment);

/** `explain`. */
export const explainCommand = (cli: Cli): Command =>
  new Command("explain")
    .summary("tell why somebody did or did not get something")
    .description(
      "Tells why somebody did or did not get a notification: how the person was reached, and what became of each step and why. Give either --notification or --workflow.",
    )
    .argument("<user>", "id of the user, who need not be a recipient")
    .option("-n, --notification <id>", "the notification, by the id that notify answered")
    .option("-w, --workflow <key>", "the notifications of a workflow, newest first, at most 20")
    .addOption(momentOption("--since <time>", "with --workflow: not earlier; ISO 8601, or how long ago: 24h"))
    .addOption(momentOption("--until <time>", "with --workflow: not later (default: now)"))
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock explain user_1 --workflow new-comment --since 24h")
    .action((userId: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ExplainOptions>();
      if (options.notification === undefined && options.workflow === undefined)
        command.error("error: give --notification <id> or --workflow <key>");
      return explain(cli, userId, options);
    });
