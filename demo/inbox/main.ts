// `npm run demo:inbox`: two inboxes side by side, until it is interrupted.
import { processTerminal } from "../../src/cli/terminal.ts";
import { serveInboxDemo } from "./serve.ts";

const terminal = processTerminal(process.env);
const demo = await serveInboxDemo(Number(process.env["PORT"] ?? 0));
terminal.out(`Two inboxes: ${demo.url}\nCtrl+C ends it.`);
const end = () => void demo.stop();
process.once("SIGINT", end);
process.once("SIGTERM", end);
