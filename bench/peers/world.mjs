// What is the same for all engines: people, the rows that a notification leaves, and the work of one job.
import { randomUUID } from "node:crypto";
import pg from "pg";

/** Why an engine cannot be measured on this machine. */
export class NotHere extends Error {}

/** Jobs at once in the one worker process. */
export const CONCURRENCY = 32;

/** People whose runs and jobs are made in one transaction. */
export const PAGE = 1_000;

const TABLES = `
create table person (id int primary key, name text not null, email text not null, wants_email boolean not null);
create table run (id uuid primary key, person int not null, status text not null, finished_at timestamptz);
create table message (id uuid primary key, run uuid not null, channel text not null, content jsonb not null,
  status text not null, sent_at timestamptz, unique (run, channel));
create table attempt (message uuid not null, number int not null, outcome text not null, at timestamptz not null,
  primary key (message, number));`;

const FIND = {
  name: "find",
  text: "select r.status, p.name, p.email, p.wants_email from run r join person p on p.id = r.person where r.id = $1",
};
const STORE = {
  name: "store",
  text: "insert into message (id, run, channel, content, status) values ($1, $2, $3, $4, $5) on conflict do nothing",
};
const COMPLETE = { name: "complete", text: "update run set status = 'completed', finished_at = now() where id = $1" };
const SENT = {
  name: "sent",
  text: `with moved as (update message set status = 'sent', sent_at = now() where id = $1 and status = 'queued' returning id)
    insert into attempt select id, 1, 'sent', now() from moved`,
};

const news = "The next release has a date, and it is sooner than you think.";

async function inTransaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

async function execute(pool, run) {
  const mail = await inTransaction(pool, async (client) => {
    const [found] = (await client.query({ ...FIND, values: [run] })).rows;
    if (found.status === "completed") return null;
    const feed = { title: "New in Roadmap", body: `${found.name}, there is news: ${news}` };
    await client.query({ ...STORE, values: [randomUUID(), run, "feed", feed, "delivered"] });
    const id = found.wants_email ? randomUUID() : null;
    const letter = { subject: "News from Roadmap", text: `${found.name},\n\n${news}`, to: found.email };
    if (id) await client.query({ ...STORE, values: [id, run, "mail", letter, "queued"] });
    await client.query({ ...COMPLETE, values: [run] });
    return id;
  });
  // Here a provider would be called; the one of the benchmark does nothing.
  if (mail) await pool.query({ ...SENT, values: [mail] });
}

/** Makes the tables and people; tells when every run is finished. */
export async function createWorld(url, people) {
  const pool = new pg.Pool({ connectionString: url, max: CONCURRENCY });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  await pool.query(TABLES);
  await pool.query(
    `insert into person select i, 'Person ' || i, 'person_' || i || '@example.com', i % 10 <> 0 from generate_series(1, $1) i`,
    [people],
  );
  await pool.query("analyze");
  const done = Promise.withResolvers();
  let left = people;
  return {
    pool,
    people,
    finished: done.promise,
    /** The work of one job. */
    async work(run) {
      await execute(pool, run);
      if (--left === 0) done.resolve();
    },
    /** Makes all runs, page by page, each with its jobs: in its transaction, or after it. */
    async begin({ within = async () => {}, after = async () => {} }) {
      for (let from = 1; from <= people; from += PAGE) {
        const persons = Array.from({ length: Math.min(PAGE, people - from + 1) }, (_, index) => from + index);
        const runs = persons.map(() => randomUUID());
        await inTransaction(pool, async (client) => {
          await client.query("insert into run select *, 'waiting' from unnest($1::uuid[], $2::int[])", [runs, persons]);
          await within(runs, client);
        });
        await after(runs);
      }
    },
    /** That nothing is missing. */
    async check() {
      const [row] = (
        await pool.query(`select (select count(*) from run where status = 'completed')::int as runs,
          (select count(*) from message where channel = 'feed')::int as feed, (select count(*) from attempt)::int as sent`)
      ).rows;
      const mails = people - Math.floor(people / 10);
      if (row.runs !== people || row.feed !== people || row.sent !== mails) throw new Error(JSON.stringify(row));
    },
    end: () => pool.end(),
  };
}
