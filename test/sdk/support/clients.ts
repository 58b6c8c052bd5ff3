import { createRequire } from "node:module";
import { Knock as KnockV1 } from "@knocklabs/node";
import { Knock as Knock06 } from "knock-node-0-6";
import type { SdkServer } from "./server.ts";

// As the programs of its time do.
const { Knock: Knock04 } = createRequire(import.meta.url)("knock-node-0") as typeof import("knock-node-0");

/** The three generations of the server SDK, for one server. */
export interface Clients {
  v04: InstanceType<typeof Knock04>;
  v06: Knock06;
  v1: KnockV1;
}

/** Clients that do not try again, so that nothing hides a failure. */
export const clientsOf = ({ url, secretKey }: Pick<SdkServer, "url" | "secretKey">): Clients => ({
  v04: new Knock04(secretKey, { host: url }),
  v06: new Knock06(secretKey, { host: url }),
  v1: new KnockV1({ apiKey: secretKey, baseURL: url, maxRetries: 0 }),
});
