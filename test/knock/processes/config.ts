// What the processes of these tests run.
import { appendFileSync } from "node:fs";
import { z } from "zod";
import { retry, sent } from "../../../src/channels/outcome.ts";
import { defineProvider } from "../../../src/channels/provider.ts";
import { inApp } from "../../../src/channels/providers/in-app.ts";
import { defineConfig } from "../../../src/registry/config.ts";
import announcement from "./announcement.ts";
import * as digests from "./digests.ts";
import * as storm from "./storm.ts";

/** Writes down each send before it answers, where a killed process cannot take it back. */
const logged = (file: string | undefined) =>
  defineProvider({
    key: "logged",
    channel: "email",
    options: z.strictObject({}),
    send(_message, { idempotencyKey, attempt, metadata }) {
      const fails = metadata.workflow === storm.everything.key && idempotencyKey.endsWith("0");
      if (fails && attempt === 1) return retry("not at the first attempt", { after: "1s" });
      if (file) appendFileSync(file, `${idempotencyKey}\n`);
      return sent(idempotencyKey);
    },
  });

/** The config of a process; `sends` is the file to which the id of each message is appended before it counts as sent. */
export const configOf = (sends: string | undefined) =>
  defineConfig({
    workflows: { announcement, ...digests, ...storm },
    channels: { feed: inApp(), mail: logged(sends)() },
    fetch: { allowPrivateAddresses: true },
  });
