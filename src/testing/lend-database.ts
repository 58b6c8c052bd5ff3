// Embedded databases that outlive one test: starting one costs half a second, emptying one a hundredth.
import { openDatabase, type Database } from "../store/database.ts";
import { emptyTables } from "../store/empty-tables.ts";
import { preparedDirectory } from "../store/prepared-directory.ts";

const idle: Database[] = [];

/** An empty embedded database that nobody else in this process uses until it is given back. */
export async function lendDatabase(): Promise<{ database: Database; giveBack(): Promise<void> }> {
  const database = idle.pop() ?? (await openDatabase({ memory: true }, { loadFrom: await preparedDirectory() }));
  return {
    database,
    async giveBack() {
      await emptyTables(database.db);
      idle.push(database);
    },
  };
}
