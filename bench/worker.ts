// A worker process of its own, for looking at its memory: the database's URL is its argument.
import { openDatabase } from "../src/store/database.ts";
import { systemOn } from "./world.ts";

const database = await openDatabase({ url: process.argv[2]! });
const knock = await systemOn(database);
await knock.start();
process.send?.("ready");
process.on("disconnect", () => void knock.stop().then(() => database.close()));
