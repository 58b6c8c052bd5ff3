// What a notify call says, on the command line: for those that make one and those that only ask what it would do.
import type { Command } from "commander";
import type { NotifyCall } from "../engine/notify-call.ts";
import { collect } from "./options.ts";
import { readData } from "./read-data.ts";

/** The options of a call. */
export interface CallOptions {
  recipient?: string[];
  list?: string[];
  actor?: string;
  data: string;
  tenant?: string;
}

/** A command that takes a workflow and the options of a call. */
export const withCallOptions = (command: Command): Command =>
  command
    .argument("<workflow>", "key of the workflow")
    .option("-r, --recipient <id>", "user to notify; may be given several times", collect)
    .option("-l, --list <name>", "list to notify; may be given several times", collect)
    .option("-a, --actor <id>", "user who did the thing")
    .option("-d, --data <json>", "data of the workflow, or @file", "{}")
    .option("--tenant <id>", "tenant that the notification belongs to");

/** The call that the options describe. Throws `INVALID_INPUT` for data that is no JSON. */
export async function callOf(cwd: string, workflow: string, options: CallOptions): Promise<NotifyCall> {
  const { recipient = [], list = [], actor, tenant } = options;
  return {
    workflow,
    data: await readData(cwd, options.data),
    recipients: recipient,
    lists: list,
    ...(actor !== undefined && { actor }),
    ...(tenant !== undefined && { tenant }),
  };
}
