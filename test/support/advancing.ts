import type { Channel } from "../../src/channels/channel.ts";
import type { WorkflowHandle } from "../../src/definition/workflow.ts";
import { advance } from "../../src/engine/advance.ts";
import { linkMaker } from "../../src/engine/links/links.ts";
import type { Advanced, MessageSnapshot, RunInput, World } from "../../src/engine/run.ts";
import { registryOf } from "../../src/registry/compile.ts";
import { planOf } from "../../src/registry/plan.ts";
import { channelsOf, START } from "./engine.ts";

const ID = "019b8d62-7a80-748e-b9a4-38b847fc2a11";

const ada: RunInput["recipient"] = {
  id: "ada",
  name: "Ada",
  email: "ada@example.com",
  phoneNumber: "+41790000000",
  avatar: null,
  locale: null,
  timezone: null,
  properties: {},
  channelData: { push: { tokens: ["t"] }, chat: { to: "#room" } },
};

/** A run at its beginning. */
export function run(given: Partial<RunInput> = {}): RunInput {
  return {
    id: ID,
    notification: {
      id: ID,
      workflow: "w",
      data: {},
      actor: null,
      tenant: null,
      tenantId: null,
      tenantPreferences: null,
      cancellationKey: null,
      source: null,
    },
    recipient: ada,
    known: true,
    preferences: { recipient: null, recipientTenant: null },
    step: null,
    state: {},
    trace: [],
    messages: new Map(),
    batches: new Map(),
    ...given,
  };
}

/** A run for a recipient who differs from Ada. */
export const runFor = (recipient: Partial<RunInput["recipient"]>): RunInput =>
  run({ recipient: { ...ada, ...recipient } });

/** A run with data. */
export const runWith = (data: RunInput["notification"]["data"]): RunInput =>
  run({ notification: { ...run().notification, data } });

interface Deployed {
  /** What the runs began with. */
  structure: WorkflowHandle;
  /** What is deployed by now; `null` when the workflow is gone. Default: the same. */
  content?: WorkflowHandle | null;
  channels?: ReadonlyMap<string, Channel>;
}

/** The world of a workflow. */
export function world({ structure, content = structure, channels = channelsOf() }: Deployed, now = START): World {
  const compiled = (handle: WorkflowHandle) =>
    registryOf({ handle }, { users: handle.definition.users, channels: [...channels.values()] }).get(handle.key)!;
  return {
    plan: planOf(compiled(structure).structure),
    content: content && compiled(content).content,
    channels,
    environmentPreferences: null,
    active: true,
    timezone: "Etc/UTC",
    links: linkMaker(null),
    now,
    openings: new Map(),
  };
}

/** The decisions: `ref outcome CODE`. */
export const decided = ({ trace }: Advanced): string[] =>
  trace.map(({ ref, outcome, code }) => [ref, outcome, code].filter(Boolean).join(" "));

/** The same run after a passage, with what became of its messages. */
export const after = (
  before: RunInput,
  advanced: Advanced,
  messages: Record<string, Partial<MessageSnapshot>> = {},
): RunInput => ({
  ...before,
  step: advanced.step,
  state: advanced.state,
  trace: advanced.trace,
  messages: new Map(
    [...advanced.messages.map(({ step, status }) => [step, { status }] as const), ...Object.entries(messages)].map(
      ([ref, given]) => [
        ref,
        { status: "queued", seen: false, read: false, interacted: false, clicked: false, archived: false, ...given },
      ],
    ),
  ),
});

/** One passage. */
export const pass = (structure: WorkflowHandle, input: RunInput, now = START): Advanced =>
  advance(input, world({ structure }, now));
