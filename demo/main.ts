// `npm run demo`: exits with 0 only if everything happened as the rules say.
import { processTerminal } from "../src/cli/terminal.ts";
import { demo } from "./demo.ts";

process.exitCode = await demo(processTerminal(process.env));
