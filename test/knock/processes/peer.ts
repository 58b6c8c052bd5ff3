// A real process with an engine of its own, driven by messages of its parent.
import type { Logger } from "../../../src/base/logger.ts";
import type { NotifyCall } from "../../../src/engine/notify-call.ts";
import { createKnock } from "../../../src/knock.ts";
import { configOf } from "./config.ts";
import type { Answer, Order, PeerOptions } from "./start-peer.ts";

const { url, work, sends } = JSON.parse(process.argv[2]!) as PeerOptions;

const say = (answer: Answer) => process.send!(answer);
const tell = (level: string) => (message: string, context?: object) => {
  const error = (context as { error?: unknown } | undefined)?.error;
  say({ kind: "log", text: `${level} ${message} ${error instanceof Error ? (error.stack ?? error.message) : ""}` });
};
const logger: Logger = { info: tell("info"), warn: tell("warn"), error: tell("error") };

const knock = await createKnock({
  config: configOf(sends),
  db: url,
  environment: {},
  logger,
});
await knock.start({ work });
say({ kind: "ready" });

async function answer(id: number, call: NotifyCall): Promise<void> {
  try {
    const outcome = await knock.engine.notify(call);
    if (outcome.ok) return void say({ kind: "accepted", id, notification: outcome.notification.id });
    const { code, details } = outcome.error;
    say({ kind: "refused", id, code, details: JSON.parse(JSON.stringify(details)) as Record<string, unknown> });
  } catch (error) {
    const code = (error as { code?: string }).code ?? String(error);
    say({ kind: "refused", id, code, details: {} });
  }
}

process.on("message", (order: Order) => {
  if (order.kind === "stop") void knock.stop().then(() => process.exit(0));
  else for (const [index, call] of order.calls.entries()) void answer(order.from + index, call);
});
