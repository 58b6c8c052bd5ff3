// A server in a process of its own: knock's, with or without a worker, or one with the same HTTP and GraphQL set-up whose only mutation
// inserts one row with a prepared statement. Arguments: which, and the database's URL or "memory".
import { sql } from "drizzle-orm";
import { createSchema, createYoga } from "graphql-yoga";
import { systemClock } from "../src/base/clock.ts";
import { newId } from "../src/base/ids.ts";
import { silentLogger } from "../src/base/logger.ts";
import { createApp } from "../src/server/app.ts";
import { closeGracefully, listen } from "../src/server/listen.ts";
import { serve } from "../src/server/main.ts";
import { openDatabase, type Database } from "../src/store/database.ts";
import { rows } from "../src/store/executor.ts";
import { populate, systemOn } from "./world.ts";

const [kind, url] = process.argv.slice(2) as ["knock" | "accepting" | "plain", string];
const quiet = { clock: systemClock, logger: silentLogger };

async function knockOn(database: Database) {
  const knock = await systemOn(database, {
    onRun: ({ recipientId }) => process.connected && process.send?.({ stored: recipientId }),
  });
  await knock.start({ work: kind === "knock" });
  await populate(database, "everyone", 1_000);
  const server = await serve({ knock, host: "127.0.0.1", port: 0, dev: false, delivery: "", version: "0", ...quiet });
  return { port: server.port, close: () => server.close().then(() => knock.stop()) };
}

const typeDefs = `type Query { ok: Boolean }
input PlainInput { recipient: ID! title: String! excerpt: String! }
type Mutation { insert(input: PlainInput!): ID! }`;

async function plainOn({ db }: Database) {
  await rows(db, sql`create table plain (id uuid primary key, recipient text not null, data jsonb not null)`);
  const insert = async (_root: unknown, { input: { recipient, ...data } }: { input: Record<string, string> }) => {
    const id = newId(systemClock.now());
    await rows(db, sql`insert into plain values (${id}, ${recipient}, ${JSON.stringify(data)}::text::jsonb)`);
    return id;
  };
  const yoga = createYoga({
    schema: createSchema({ typeDefs, resolvers: { Mutation: { insert } } }),
    logging: false,
    multipart: false,
    cors: false,
    landingPage: false,
    graphiql: false,
  });
  const graphql = async (request: Request) => yoga.fetch(request);
  const server = createApp({ graphql, ready: async () => null, startPage: null, loopbackOnly: true, ...quiet });
  const port = await listen(server, "127.0.0.1", 0);
  return { port, close: () => closeGracefully(server, systemClock, 500) };
}

const database = await openDatabase(url === "memory" ? { memory: true } : { url });
const { port, close } = await (kind === "plain" ? plainOn(database) : knockOn(database));
process.send?.({ port });
process.on("disconnect", () => void close().then(() => database.close()));
