import type { NotifyCall } from "../../../src/engine/notify-call.ts";
import { accepted, eventually } from "../../support/engine.ts";
import type { SdkServer } from "./server.ts";

/** Asks until the answer is right; the server works in the background. */
export const until = <Answer>(ask: () => Promise<Answer>, right: (answer: Answer) => boolean): Promise<Answer> =>
  eventually(ask, right, { tries: 400, every: 25 });

/** Notifies past the API, for tests of what comes after it. */
export const notify = async ({ knock }: SdkServer, call: NotifyCall) => accepted(await knock.engine.notify(call));
