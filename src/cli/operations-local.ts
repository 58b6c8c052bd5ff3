import { addListMembers } from "../engine/directory/lists.ts";
import { upsertUsers } from "../engine/directory/users.ts";
import type { Outcome } from "../engine/directory/directory.ts";
import { createKnock, type Knock } from "../knock.ts";
import type { Database } from "../store/database.ts";
import type { Cli } from "./cli.ts";
import { printingChannels } from "./development-channels.ts";
import type { SoundProject } from "./load-project.ts";
import { ensureMigrated } from "./open-project.ts";
import type { Operations } from "./operations.ts";
import { databaseWords } from "./panel.ts";
import { type Answer, refusalOf } from "./refusal.ts";
import { terminalLogger } from "./terminal-logger.ts";

const answered = (outcome: Outcome): Answer<null> =>
  outcome.ok ? { ok: true, value: null } : { ok: false, refusal: refusalOf(outcome.error) };

/** A system that accepts calls and executes nothing, started when it is first needed. */
function acceptingKnock(cli: Cli, { config }: SoundProject, database: Database) {
  const { clock, environment, terminal } = cli;
  let starting: Promise<Knock> | null = null;
  const start = async () => {
    // Messages are made by whoever works; here no provider and none of its secrets is needed.
    const channels = printingChannels(config.channels, () => {});
    const knock = await createKnock({
      config,
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
  };
  return { operations, close: knock.stop };
}
