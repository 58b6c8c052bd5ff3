// A process that deploys, to be killed in the middle.
import { once } from "node:events";
import { deployRelease } from "../../../src/deploy/deploy.ts";
import type { Release } from "../../../src/deploy/release.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { channelTypes } from "../../../src/channels/messages.ts";

const database = await openDatabase({ url: process.argv[2]! });
const [release] = (await once(process, "message")) as [Release];
process.send!("begins");
const context = {
  database,
  clock: systemClock,
  logger: silentLogger,
  channels: channelTypes.map((type) => ({ key: type, type })),
  publicKeys: [],
  sdlOf: () => "",
};
await deployRelease(context, release, { allowBreaking: true, archiveOpen: "finish" });
process.exit(0);
