// One of several processes that migrate the same database at once. Prints what it has applied.
import { migrate } from "../../src/store/migrate.ts";
import { openDatabase } from "../../src/store/database.ts";

const database = await openDatabase({ url: process.argv[2]! });
console.log(JSON.stringify(await migrate(database)));
await database.close();
