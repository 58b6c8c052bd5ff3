import { expect, test } from "vitest";
import { createKnock, defineConfig, inApp, workflow } from "knock";
import { capture } from "knock/testing";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { silentLogger } from "../../src/base/logger.ts";
import { rows } from "../../src/store/executor.ts";
import { testDatabase } from "../support/database.ts";

const news = workflow("news", { data: z.object({}) })
  .inApp("feed", { body: "News!" })
  .email("mail", { subject: "News", body: "News!" });

const PEOPLE = 8_000;

test("a process that works through a broadcast on the embedded database still hears timers", async () => {
  const database = await testDatabase();
  const finished = Promise.withResolvers<void>();
  let delivered = 0;
  const knock = await createKnock({
    config: defineConfig({ workflows: { news }, channels: { feed: inApp(), mail: capture("email") } }),
    db: database,
    logger: silentLogger,
    listeners: { onDelivery: () => ++delivered === PEOPLE && finished.resolve() },
  });
  await knock.start();
  await rows(
    database.db,
    sql`insert into knock.users (id, email, created_at, updated_at)
      select 'u' || i, 'u' || i || '@example.com', now(), now() from generate_series(1, ${PEOPLE}::int) i`,
  );
  await rows(database.db, sql`insert into knock.lists (name, created_at, updated_at) values ('all', now(), now())`);
  await rows(
    database.db,
    sql`insert into knock.list_members (list, user_id, created_at) select 'all', id, now() from knock.users`,
  );

  // Counts turns of the event loop from the first delivery to the last: without any, no request is heard meanwhile.
  let turns = 0;
  const ticking = setInterval(() => delivered > 0 && turns++, 1);
  expect(await knock.notify(news, { lists: ["all"], data: {} })).toMatchObject({ ok: true });
  await finished.promise;
  clearInterval(ticking);
  await knock.stop();
  expect(turns).toBeGreaterThan(30);
});
