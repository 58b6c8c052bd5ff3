// `knock doctor`: what is wrong with a running system, and what to do about it.
import { durationMs, parseDuration, type Duration } from "../base/duration.ts";
import { KnockError } from "../base/errors.ts";
import { examineDeployed } from "./deploy/examine-deployed.ts";
import { examine, type Finding } from "../engine/examine.ts";
import { createRecovery, type Recovered } from "../engine/recovery.ts";
import { createKnock } from "../knock.ts";
import type { Database } from "../store/database.ts";
import { type Cli, CommandFailed, type GlobalOptions } from "./cli.ts";
import { contentFor } from "./content-for.ts";
import { printingChannels } from "./development-channels.ts";
import type { SoundProject } from "./load-project.ts";
import { openTarget, requireProject, targetOf } from "./open-project.ts";
import { databaseWords } from "./panel.ts";
import { type Paint, plural } from "./terminal.ts";
import { terminalLogger } from "./terminal-logger.ts";

/** What `knock doctor` takes. */
export interface DoctorOptions extends GlobalOptions {
  json?: boolean;
  requeue?: boolean;
  /** How far back `--requeue` looks for messages that were never tried. */
  since: string;
}

const MARGIN = 15;

function findingLines({ check, state, message, fix }: Finding, paint: Paint): string[] {
  const mark = { ok: paint.green("✓"), warn: paint.yellow("!"), bad: paint.bold(paint.red("✗")) }[state];
  const lines = [`  ${mark} ${(state === "ok" ? paint.dim : paint.bold)(check.padEnd(MARGIN))}${message}`];
  if (fix) lines.push(`${" ".repeat(MARGIN + 4)}${paint.dim("→")} ${fix}`);
  return lines;
}

/** Puts back what was lost and what failed for good. */
async function requeue(cli: Cli, project: SoundProject, database: Database, since: string): Promise<Recovered> {
  const { clock, environment, terminal } = cli;
  const { config } = project;
  // Nothing is sent here, so no provider and none of its secrets is needed.
  const channels = printingChannels(config.channels, () => {});
  const logger = terminalLogger(terminal, clock, false);
  const content = await contentFor(config, database);
  const knock = await createKnock({ config, content, db: database, channels, clock, environment, logger });
  await knock.start({ work: false });
  try {
    const age = durationMs(since as Duration);
    return await createRecovery(knock.engine.internals).all({ since: new Date(clock.now().getTime() - age) });
  } finally {
    await knock.stop();
  }
}

function recoveredText({ dead, chunks, notifications, messages }: Recovered): string {
  const parts = [
    [dead, "failed job"],
    [notifications, "notification"],
    [chunks, "chunk"],
    [messages, "message"],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, noun]) => plural(count, noun));
  return told.length > 0 ? `put back to work: ${told.join(", ")}` : "nothing had to be put back";
}

/** A database that cannot even be opened is a finding, too. */
async function open(cli: Cli, project: SoundProject): Promise<Database | Finding> {
  try {
    return await openTarget(targetOf(cli, project), cli);
  } catch (error) {
    if (!KnockError.is(error)) throw error;
    return { check: "database", state: "bad", message: error.message.replace(/\.$/, ""), fix: error.hint };
  }
}

interface Report {
  place: string | null;
  findings: Finding[];
  recovered: Recovered | null;
}

async function report(cli: Cli, options: DoctorOptions): Promise<Report> {
  const project = await requireProject(cli, options);
  const database = await open(cli, project);
  if ("check" in database) return { place: null, findings: [database], recovered: null };
  const place = databaseWords(database, cli.cwd);
  const look = async () => {
    const deployed = await examineDeployed(cli, project, database);
    const registry = deployed?.registry ?? project.registry;
    return [...(await examine({ database, clock: cli.clock, registry })), ...(deployed?.findings ?? [])];
  };
  try {
    const findings = await look();
    const fits = findings.every(({ check, state }) => check !== "migrations" || state === "ok");
    if (!options.requeue || !fits) return { place, findings, recovered: null };
    const recovered = await requeue(cli, project, database, options.since);
    return { place, findings: await look(), recovered };
  } finally {
    await database.close();
  }
}

/** Examines the system, says what was found, and fails when something is wrong. */
export async function doctor(cli: Cli, options: DoctorOptions): Promise<void> {
  if (parseDuration(options.since) === null) {
    throw new KnockError("INVALID_CONFIG", {
      problem: `--since ${options.since} is no duration`,
      fix: 'Write it as "7d" or "12h".',
    });
  }
  const { place, findings, recovered } = await report(cli, options);
  const { terminal } = cli;
  const { paint } = terminal;
  const bad = findings.filter(({ state }) => state === "bad").length;
  const warnings = findings.filter(({ state }) => state === "warn").length;
  if (options.json) {
    terminal.out(JSON.stringify({ ok: bad === 0, findings, ...(recovered && { recovered }) }, null, 2));
  } else {
    if (place) terminal.out(`\n  ${paint.bold(place)}`);
    terminal.out(`\n${findings.flatMap((finding) => findingLines(finding, paint)).join("\n")}\n`);
    if (recovered) terminal.out(`  ${paint.green("✓")} ${recoveredText(recovered)}\n`);
    const words = [bad > 0 && plural(bad, "problem"), warnings > 0 && plural(warnings, "warning")].filter(Boolean);
    terminal.out(`  ${words.length > 0 ? paint.bold(words.join(", ")) : paint.green("everything is in order")}\n`);
  }
  if (bad > 0) throw new CommandFailed();
}
