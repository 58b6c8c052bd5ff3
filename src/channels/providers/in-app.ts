import { z } from "zod";
import { delivered } from "../outcome.ts";
import { defineProvider } from "../provider.ts";

/**
 * The recipient's feed. Needs nothing outside: the stored message is the delivery.
 *
 * @example channels: { feed: inApp() }
 */
export const inApp = defineProvider({
  key: "in-app",
  channel: "inApp",
  options: z.strictObject({}),
  send: () => delivered(),
});
