import { addListMembers } from "../engine/directory/lists.ts";
import { upsertUsers } from "../engine/directory/users.ts";
import type { Directory, Outcome } from "../engine/directory/directory.ts";
import { preferenceImpact } from "../engine/directory/preference-impact.ts";
import { explain } from "../engine/explain/explain.ts";
import { rerun } from "../engine/rerun.ts";
import { createSchedules } from "../engine/schedules/create.ts";
import { deleteSchedules } from "../engine/schedules/update.ts";
import { signalEvent } from "../engine/signal.ts";
import { createKnock, type Knock } from "../knock.ts";
import type { Database } from "../store/database.ts";
import { pageSchedules } from "../store/reads/schedules.ts";
import type { StoredSchedule } from "../store/schedules.ts";
import type { Cli } from "./cli.ts";
import { contentFor } from "./content-for.ts";
import { printingChannels } from "./development-channels.ts";
import { toldLocally } from "./explained.ts";
import type { SoundProject } from "./load-project.ts";
import { ensureMigrated } from "./open-project.ts";
import type { ListedSchedule, Operations } from "./operations.ts";
import { databaseWords } from "./panel.ts";
import { type Answer, refusalOf } from "./refusal.ts";
import { simulatedLocally } from "./simulated.ts";
import { terminalLogger } from "./terminal-logger.ts";

const answeredWith = <Success extends object, Value>(
  outcome: Outcome<Success>,
  read: (success: { ok: true } & Success) => Value,
): Answer<Value> =>
  outcome.ok ? { ok: true, value: read(outcome) } : { ok: false, refusal: refusalOf(outcome.error) };

const answered = (outcome: Outcome): Answer<null> => answeredWith(outcome, () => null);

function listed(schedule: StoredSchedule): ListedSchedule {
  const { id, workflow, status, recipientId, lists, recurrence, timezone, nextAt, lastAt, count, problem } = schedule;
  const times = { nextAt: nextAt?.toISOString() ?? null, lastAt: lastAt?.toISOString() ?? null };
  return { id, workflow, status, recipientId, lists, recurrence, timezone, count, problem, ...times };
}

/** Schedules that one page lists. */
const LISTED = 100;

type ScheduleOperations = Pick<
  Operations,
  "createSchedules" | "listSchedules" | "deleteSchedules" | "signal" | "rerun"
>;

function scheduleOperations(knock: { get(): Promise<Knock> }, directory: Directory): ScheduleOperations {
  return {
    createSchedules: async (input) =>
      answeredWith(await createSchedules((await knock.get()).engine.context, input), ({ schedules, warnings }) => ({
        schedules: schedules.map(listed),
        warnings,
      })),
    async listSchedules({ after, ...filter }) {
      const page = await pageSchedules(directory.database.db, filter, { first: LISTED, after });
      const next = page.hasNextPage ? page.endCursor : null;
      return { ok: true, value: { schedules: page.nodes.map(listed), next } };
    },
    deleteSchedules: async (ids) =>
      answeredWith(await deleteSchedules((await knock.get()).engine.context, ids), ({ deleted }) => deleted),
    signal: async (event) => answeredWith(await signalEvent(directory, event), ({ runs }) => runs),
    async rerun(runIds) {
      const outcomes = await rerun(directory, runIds);
      return { ok: true, value: outcomes.map((outcome) => answeredWith(outcome, ({ id }) => id)) };
    },
  };
}

/** A system that accepts calls and executes nothing, started when it is first needed. */
function acceptingKnock(cli: Cli, { config }: SoundProject, database: Database) {
  const { clock, environment, terminal } = cli;
  let starting: Promise<Knock> | null = null;
  const start = async () => {
    // Messages are made by whoever works; here no provider and none of its secrets is needed.
    const channels = printingChannels(config.channels, () => {});
    const knock = await createKnock({
      config,
      content: await contentFor(config, database),
      db: database,
      channels,
      clock,
      environment,
      logger: terminalLogger(terminal, clock, false),
    });
    await knock.start({ work: false });
    return knock;
  };
  return {
    get: () => (starting ??= start()),
    stop: async () => void (await (await starting)?.stop()),
  };
}

/** Lets the system of this checkout, deployed or not, look at the database. Nothing is started, so nothing is written. */
async function looking<Result>(
  { clock, environment, terminal }: Cli,
  { project: { config }, database }: { project: SoundProject; database: Database },
  look: (engine: Knock["engine"]) => Promise<Result>,
): Promise<Result> {
  const channels = printingChannels(config.channels, () => {});
  const logger = terminalLogger(terminal, clock, false);
  const knock = await createKnock({ config, content: "local", db: database, channels, clock, environment, logger });
  try {
    return await look(knock.engine);
  } finally {
    await knock.stop();
  }
}

type LookingOperations = Pick<Operations, "explain" | "simulate" | "preferenceImpact">;

/** The verbs that only look. */
function lookingOperations(cli: Cli, project: SoundProject, database: Database): LookingOperations {
  const here = { project, database };
  return {
    explain: async (question) =>
      answeredWith(
        await explain({ database, clock: cli.clock, registry: () => project.registry }, question),
        toldLocally,
      ),
    simulate: (call, options) =>
      looking(cli, here, async (engine) =>
        answeredWith(await engine.simulate(call, options), ({ simulation }) => simulatedLocally(simulation)),
      ),
    preferenceImpact: (question) =>
      looking(cli, here, async ({ context }) =>
        answeredWith(await preferenceImpact(context, question), ({ impact }) => impact),
      ),
  };
}

/** The verbs on an open database. */
export async function localOperations(cli: Cli, project: SoundProject, database: Database) {
  await ensureMigrated(database);
  const directory = { database, clock: cli.clock };
  const knock = acceptingKnock(cli, project, database);
  const operations: Operations = {
    place: databaseWords(database, cli.cwd),
    upsertUsers: async (users) => answered(await upsertUsers(directory, users)),
    addListMembers: async (list, members) => answered(await addListMembers(directory, { list, members })),
    async notify(call) {
      const outcome = await (await knock.get()).engine.notify(call);
      if (!outcome.ok) return { ok: false, refusal: refusalOf(outcome.error) };
      const { id, status } = outcome.notification;
      return { ok: true, value: { id, status, warnings: outcome.warnings } };
    },
    async cancel(key, recipients) {
      const { notifications, runs } = await (await knock.get()).engine.cancel(key, recipients ?? undefined);
      return { ok: true, value: { notifications: notifications.length, runs } };
    },
    ...lookingOperations(cli, project, database),
    ...scheduleOperations(knock, directory),
  };
  return { operations, close: knock.stop };
}
