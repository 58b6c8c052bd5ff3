// From a project's files to an open database, the same way for every command.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openDatabase, type Database, type DatabaseTarget } from "../store/database.ts";
import { migrate, requireMigrated } from "../store/migrate.ts";
import { type Cli, CommandFailed, type GlobalOptions } from "./cli.ts";
import { databaseTarget } from "./database-target.ts";
import { isSound, loadProject, type LoadedProject, type SoundProject } from "./load-project.ts";
import { Refused } from "./refusal.ts";
import { plainProblem, problemsText } from "./report-problems.ts";
import { plural } from "./terminal.ts";

/** Prints what is wrong with a project. */
export function printProblems({ terminal }: Cli, { place, problems }: LoadedProject): void {
  terminal.err(`\n${problemsText(place.root, problems, terminal.paintErr)}\n`);
  terminal.err(`  ${terminal.paintErr.bold(plural(problems.length, "problem"))}\n`);
}

/** What is wrong with a project, for `--json`. */
function projectRefusal({ place, problems }: LoadedProject): Refused {
  const issues = problems.map((problem) => {
    const { file, line, message, fix } = plainProblem(place.root, problem);
    return { path: [file ?? "knock.config.ts", ...(line === null ? [] : [line])], message: `${message}; ${fix}` };
  });
  const message = `There ${problems.length === 1 ? "is 1 problem" : `are ${problems.length} problems`} in the project.`;
  return new Refused({ code: "INVALID_WORKFLOW", message, hint: "knock check names each.", issues });
}

/**
 * The project in the working directory, in which nothing is wrong. Otherwise says what is.
 *
 * @throws CommandFailed
 */
export async function requireProject(
  cli: Cli,
  { config, json }: GlobalOptions & { json?: boolean },
): Promise<SoundProject> {
  const project = await loadProject(cli.cwd, config);
  if (isSound(project)) return project;
  if (json) throw projectRefusal(project);
  printProblems(cli, project);
  throw new CommandFailed();
}

/** The database that a project's commands work on. See `databaseTarget`. */
export const targetOf = ({ cwd, environment }: Cli, { config, place }: SoundProject, strict = false): DatabaseTarget =>
  databaseTarget({ config, root: place.root, cwd, environment, strict });

/** Whether the target is an embedded database that does not exist yet. */
export const isFresh = (target: DatabaseTarget): boolean =>
  "directory" in target && !existsSync(join(target.directory, "database"));

/** Opens a database; an embedded one that does not exist yet begins with tables in place, which is faster. */
export async function openTarget(target: DatabaseTarget, { clock }: Cli): Promise<Database> {
  if (!isFresh(target)) return openDatabase(target, { clock });
  const { preparedDirectory } = await import("../store/prepared-directory.ts");
  return openDatabase(target, { clock, loadFrom: await preparedDirectory() });
}

/** Brings the embedded database up to date, which is nobody else's; PostgreSQL has to be already. */
export const ensureMigrated = (database: Database): Promise<unknown> =>
  database.driver === "pglite" ? migrate(database) : requireMigrated(database);

export interface WithDatabase extends GlobalOptions {
  /** Leave the tables as they are. Default: they fit this version, or the command is refused. */
  anyVersion?: boolean;
}

/** Does something with the project's database and closes it again. */
export async function withDatabase<Result>(
  cli: Cli,
  options: WithDatabase,
  work: (database: Database, project: SoundProject) => Promise<Result>,
): Promise<Result> {
  const project = await requireProject(cli, options);
  const database = await openTarget(targetOf(cli, project), cli);
  try {
    if (!options.anyVersion) await ensureMigrated(database);
    return await work(database, project);
  } finally {
    await database.close();
  }
}
