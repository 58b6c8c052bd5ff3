// One engine: everybody gets a job. Arguments: which, the URL of an empty database, how many people. Prints the rate.
// JavaScript, so that the project's types do not depend on packages that its users do not install.
import { bullmq } from "./bullmq.mjs";
import { dbos } from "./dbos.mjs";
import { graphileWorker } from "./graphile-worker.mjs";
import { pgBoss } from "./pg-boss.mjs";
import { NotHere, createWorld } from "./world.mjs";

const ENGINES = { "pg-boss": pgBoss, "graphile-worker": graphileWorker, dbos, bullmq };

const [name, url, people] = process.argv.slice(2);
const world = await createWorld(url, Number(people));
try {
  const engine = await ENGINES[name](world, url);
  const started = performance.now();
  await engine.send();
  await world.finished;
  const perSecond = (world.people / (performance.now() - started)) * 1_000;
  await world.check();
  await engine.stop();
  console.log(`${Math.round(perSecond).toLocaleString("en")}/s`);
} catch (error) {
  if (!(error instanceof NotHere)) throw error;
  console.log(error.message);
}
await world.end();
// Some of them leave timers and connections behind.
process.exit();
