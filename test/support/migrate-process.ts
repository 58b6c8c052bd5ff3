// One of several processes that migrate the same database at once: it waits at the gate, an advisory lock
// that the test holds, until all are there. Prints what it has applied.
import { sql } from "drizzle-orm";
import { openDatabase } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import { migrate } from "../../src/store/migrate.ts";

const [url, gate] = process.argv.slice(2) as [string, string];
const database = await openDatabase({ url });
await rows(database.db, sql`select pg_advisory_lock_shared(${gate}::bigint)`);
console.log(JSON.stringify(await migrate(database)));
await database.close();
