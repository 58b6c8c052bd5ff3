// Systems that run what is deployed in a database, driven by hand.
import { sql } from "drizzle-orm";
import { expect, onTestFinished } from "vitest";
import type { Logger } from "../../src/base/logger.ts";
import { deployRelease } from "../../src/deploy/deploy.ts";
import type { DeployOptions } from "../../src/deploy/release.ts";
import { type InlineJobs, inlineJobs } from "../../src/engine/jobs/inline.ts";
import { createKnock, type Knock, type KnockOptions } from "../../src/knock.ts";
import type { Config } from "../../src/registry/config.ts";
import type { Database } from "../../src/store/database.ts";
import { type VirtualClock, virtualClock } from "../../src/testing/virtual-clock.ts";
import { accepted, channelsOf, movedByHand, START } from "./engine.ts";
import { ask } from "./inspect.ts";
import { deployContext, deployed, releaseOf } from "./releases.ts";

/** A workflow whose text is code, after an hour. */
export const says = (text: string, then = "") => `{ data: z.object({ n: z.number().default(0) }) })
  .delay("grace", "1h").inApp("feed", { body: () => ${JSON.stringify(text)} })${then}`;
/** A workflow whose text is code, at once. */
export const at = (text: string) => `{ data: z.object({}) }).inApp("feed", { body: () => ${JSON.stringify(text)} })`;

/** A system that follows. */
export interface Following {
  knock: Knock;
  clock: VirtualClock;
  jobs: InlineJobs;
  log: { level: string; message: string; code?: string }[];
  settle(): Promise<void>;
  advance(milliseconds: number): Promise<void>;
}

/** A system that follows, whose time and jobs move when told. */
export async function follow(
  database: Database,
  options: Partial<KnockOptions> & { settings?: Partial<Config> } = {},
): Promise<Following> {
  const clock = virtualClock(START);
  const jobs = inlineJobs();
  const log: Following["log"] = [];
  const write =
    (level: string): Logger["info"] =>
    (message, { error } = {}) =>
      void log.push({ level, message, ...(error ? { code: (error as { code: string }).code } : {}) });
  const { settings, ...given } = options;
  const knock = await createKnock({
    config: { workflows: {}, channels: {}, content: "deployed", ...settings },
    db: database,
    clock,
    channels: channelsOf(),
    logger: { info: write("info"), warn: write("warn"), error: write("error") },
    jobs: () => jobs,
    ...given,
  });
  onTestFinished(() => knock.stop());
  await knock.start({ work: false });
  await jobs.work(knock.engine.handlers);
  return { knock, clock, jobs, log, ...movedByHand({ knock, clock, jobs }) };
}

export const HOUR = 3_600_000;

/** Deploys workflows, each as what follows `workflow("key", ` in its file. */
export const deploy = async (database: Database, files: Record<string, string>, options: DeployOptions = {}) =>
  deployed(await deployRelease(deployContext(database), await releaseOf(files), options));

/** The next look, half a second later, and what it leads to. */
export async function look({ clock, knock }: Following): Promise<void> {
  const { deploy: before, refused } = knock.following!;
  await clock.advance(500);
  await expect
    .poll(() => knock.following!.deploy !== before || knock.following!.refused !== refused, { timeout: 5_000 })
    .toBe(true);
}

/** Notifies and lets happen what is due; answers the notification's id. */
export const notify = async ({ knock, settle }: Following, recipient: string, workflow = "w") => {
  const { notification } = accepted(await knock.engine.notify({ workflow, recipients: [recipient] }));
  await settle();
  return notification.id;
};

/** All messages as `recipient step text`, oldest first. */
export const texts = async (database: Database): Promise<string[]> =>
  (
    await ask<{ text: string }>(
      database,
      sql`select recipient_id || ' ' || step || ' ' || (content->>'body') as text from knock.messages order by created_at, recipient_id, step`,
    )
  ).map(({ text }) => text);

/** The number of the version of a notification. */
export const versionOf = async (database: Database, notification: string): Promise<number> => {
  const [found] = await ask<{ number: number }>(
    database,
    sql`select version.number::int as number from knock.notifications as notification
    join knock.workflow_versions as version on version.id = notification.version_id where notification.id = ${notification}::uuid`,
  );
  return found!.number;
};
