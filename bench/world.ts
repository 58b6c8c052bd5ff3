// The world that is measured in: a workflow, a list of people, a provider that does nothing.
import {
  createKnock,
  defineConfig,
  defineProvider,
  inApp,
  sent,
  workflow,
  type Knock,
  type WorkflowHandle,
} from "knock";
import { z } from "zod";
import type { Database } from "../src/store/database.ts";
import type { Listeners } from "../src/engine/events.ts";
import { silentLogger } from "../src/base/logger.ts";
import { rows } from "../src/store/executor.ts";
import { sql } from "drizzle-orm";

const data = z.object({ title: z.string(), excerpt: z.string() });

interface Read {
  data: z.output<typeof data>;
  recipient: { name: string | null };
}

const feed = {
  title: ({ data }: Read) => `New in ${data.title}`,
  body: ({ data, recipient }: Read) => `${recipient.name}, there is news: ${data.excerpt}`,
};

/** In-app and e-mail, with preferences. */
export const announcement = workflow("announcement", { category: "news", data })
  .inApp("feed", feed)
  .email("mail", {
    subject: ({ data }) => `News from ${data.title}`,
    body: ({ recipient, data }) => `${recipient.name},\n\n${data.excerpt}`,
  });

/** In-app alone. */
export const notice = workflow("notice", { category: "news", data }).inApp("feed", feed);

/** In-app, at the end of an hour. */
export const later = workflow("later", { category: "news", data }).delay("pause", "1h").inApp("feed", feed);

/** Collected for an hour, then in-app. */
export const digest = workflow("digest", { category: "news", data })
  .batch("hour", { window: "1h" })
  .inApp("feed", { body: ({ steps }) => `${steps.hour.count} pieces of news` });

/** What every notification of the benchmark says. */
export const news = { title: "Roadmap", excerpt: "The next release has a date, and it is sooner than you think." };

const noop = defineProvider({ key: "noop", channel: "email", options: z.object({}), send: () => sent("accepted") });

/** A system on the given database. */
export const systemOn = (database: Database, listeners: Listeners = {}): Promise<Knock> =>
  createKnock({
    config: defineConfig({
      workflows: { announcement, notice, later, digest },
      channels: { feed: inApp(), mail: noop({}, { concurrency: 64 }) },
    }),
    db: database,
    logger: silentLogger,
    migrate: true,
    listeners,
  });

/** The step of each workflow whose outcome ends the first passage of a run. */
export const firstStep = (workflow: WorkflowHandle): string =>
  ({ announcement: "feed", notice: "feed", later: "pause", digest: "hour" })[workflow.key]!;

/** Fills a list with people; every tenth wants no e-mail. */
export async function populate({ db }: Database, list: string, people: number): Promise<void> {
  await rows(
    db,
    sql`insert into knock.users (id, name, email, created_at, updated_at)
    select 'person_' || i, 'Person ' || i, 'person_' || i || '@example.com', now(), now() from generate_series(1, ${people}::int) i
    on conflict do nothing`,
  );
  await rows(db, sql`insert into knock.lists (name, created_at, updated_at) values (${list}, now(), now())`);
  await rows(
    db,
    sql`insert into knock.list_members (list, user_id, created_at)
    select ${list}::text, 'person_' || i, now() from generate_series(1, ${people}::int) i`,
  );
  await rows(
    db,
    sql`insert into knock.preference_sets (owner, owner_id, set_id, document, updated_at)
    select 'user', 'person_' || i, 'default', '{"channelTypes": {"email": false}}', now() from generate_series(10, ${people}::int, 10) i
    on conflict do nothing`,
  );
  for (const table of ["users", "lists", "list_members", "preference_sets"])
    await rows(db, sql`analyze ${sql.raw(`knock.${table}`)}`);
}
