// A real server process that people look at their feeds in.
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { createKnock } from "../../../src/knock.ts";
import { serve } from "../../../src/server/main.ts";
import { configOf } from "./config.ts";
import type { ServerOptions, ServerSays } from "./start-feed-server.ts";

const { url, publicKey, work = false } = JSON.parse(process.argv[2]!) as ServerOptions;
const quiet = { clock: systemClock, logger: silentLogger };

const config = { ...configOf(undefined), endUsers: { publicKeys: [publicKey] } };
const knock = await createKnock({ config, db: url, environment: {}, logger: silentLogger });
await knock.start({ work });
const server = await serve({ knock, host: "127.0.0.1", port: 0, dev: false, delivery: "", version: "0", ...quiet });

const say = (what: ServerSays) => process.send!(what);
say({ kind: "ready", port: server.port });
process.on("message", (asked: "usage" | "close") => {
  if (asked === "close") return void server.close().then(() => knock.stop().then(() => process.exit(0)));
  (globalThis as { gc?: () => void }).gc?.();
  const { user, system } = process.cpuUsage();
  say({
    kind: "usage",
    rss: process.memoryUsage.rss(),
    heap: process.memoryUsage().heapUsed,
    cpu: (user + system) / 1_000,
    subscribers: knock.engine.feeds.subscribers,
  });
});
process.on("disconnect", () => process.exit(0));
