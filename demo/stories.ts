// The seven stories: what is asked, and what the rules say becomes of it.
import type { NotifyCall, NotifyResult, Notification, WorkflowKey } from "knock/client";
import type * as workflows from "../workflows/index.ts";
import { runsOf } from "./read-back.ts";
import type { DemoClient, System } from "./system.ts";

type Workflows = typeof workflows;

/** One notify call, and what to print of it. */
export interface Call {
  workflow: string;
  options: object;
  send(client: DemoClient): Promise<NotifyResult>;
}

/** Calls, and everything that has to be true afterwards, as `facts.ts` words it. */
export interface Story {
  title: string;
  calls: readonly Call[];
  facts: readonly string[];
  /** Done before the calls; answers what it changed, as read back. */
  prepare?(client: DemoClient): Promise<string[]>;
  /** What happens some time after the first call. */
  later?: { title: string; happen(system: System, notification: Notification): Promise<void> };
}

/** A call as the typed client takes it: what does not fit the workflow's schema does not compile. */
const call = <Key extends WorkflowKey<Workflows>>(workflow: Key, options: NotifyCall<Workflows, Key>): Call => ({
  workflow,
  options,
  send: (client) => client.notify(workflow, options),
});

const people = [
  { id: "user_1", name: "Ada Park", email: "ada@example.com", properties: { plan: "pro" } },
  { id: "user_2", name: "Kenji Sato", email: "kenji@example.com" },
  { id: "user_3", name: "Lin Weber", email: "lin@example.com" },
  { id: "user_4", name: "Sam Okoro" },
];

const lists = {
  "project.7.followers": ["user_1", "user_2", "user_3"],
  "team.7.members": ["user_2", "user_3", "user_4"],
};

/** Creates the people and lists that the stories are about. */
export async function prepareCast(client: DemoClient): Promise<string[]> {
  await client.upsertUsers(people);
  for (const [list, members] of Object.entries(lists)) await client.addListMembers(list, members);
  return [
    `people   ${people.map(({ id, name, email }) => `${id} ${name}${email ? "" : " (no address)"}`).join("   ")}`,
    ...Object.entries(lists).map(([list, members]) => `list     ${list}: ${members.join(", ")}`),
  ];
}

const grace = { invitee_name: "Grace", invitee_email: "grace@example.com", invitee_role: "member" } as const;
const comment = { comment_id: "c_1", project_id: "7", comment_text: "Ship it?", project_name: "Roadmap" };

const invited: Story = {
  title: "Somebody invited a person, and two are told",
  calls: [call("new-user-invited", { actor: "user_3", recipients: ["user_1", "user_2"], data: grace })],
  facts: [
    "call 1: success",
    "stored: 1",
    ...["user_1", "user_2"].flatMap((user) => [
      `${user}: completed`,
      `${user} feed: done`,
      `${user} feed message: delivered`,
      `${user} mail: done`,
      `${user} mail message: sent`,
    ]),
    "mail to ada@example.com: Grace was invited to your account",
    "mail to kenji@example.com: Grace was invited to your account",
  ],
};

const welcome: Story = {
  title: "A new user, and a workflow that needs no data",
  calls: [call("welcome-to-knock", { recipients: ["user_1"], data: {} })],
  facts: [
    "call 1: success",
    "stored: 1",
    "user_1: completed",
    "user_1 feed: done",
    "user_1 feed message: delivered",
    "user_1 mail: done",
    "user_1 mail message: sent",
    "mail to ada@example.com: Welcome to Knock",
  ],
};

const commented: Story = {
  title: "A comment, for two lists that share a person and hold its author",
  calls: [call("new-comment", { actor: "user_3", lists: ["project.7.followers", "team.7.members"], data: comment })],
  later: {
    title: "user_2 has seen it in the feed, and ten minutes pass on the server's clock",
    async happen({ client, skip }, notification) {
      const run = runsOf(notification).find(({ recipientId }) => recipientId === "user_2");
      await client.markMessages(run?.messages.map(({ id }) => id) ?? [], "SEEN");
      skip(10 * 60_000);
    },
  },
  facts: [
    "call 1: success",
    "stored: 1",
    ...["user_1", "user_2", "user_4"].flatMap((user) => [
      `at first, ${user}: waiting`,
      `at first, ${user} feed: done`,
      `at first, ${user} feed message: delivered`,
      `at first, ${user} grace: waiting`,
      `${user}: completed`,
      `${user} feed: done`,
      `${user} feed message: delivered`,
      `${user} grace: done`,
    ]),
    "user_1 mail: done",
    "user_1 mail message: sent",
    "user_2 mail: skipped CONDITION",
    "user_4 mail: skipped MISSING_ADDRESS",
    "mail to ada@example.com: New comment on Roadmap",
  ],
};

const incomplete: Story = {
  title: "A required member is missing, in data that no compiler has seen",
  calls: [
    call("new-comment", {
      recipients: ["user_1"],
      data: JSON.parse('{ "comment_id": "c_2", "project_id": "7", "comment_text": "Who sees this?" }'),
    }),
  ],
  facts: ["call 1: INVALID_DATA data.project_name", "stored: 0"],
};

const nobody: Story = {
  title: "Neither a recipient nor a list",
  calls: [call("new-comment", { actor: "user_3", data: comment })],
  facts: ["call 1: RECIPIENTS_REQUIRED", "stored: 0"],
};

const twice: Story = {
  title: "The same idempotency key twice",
  calls: [1, 2].map(() =>
    call("welcome-to-knock", { recipients: ["user_2"], data: {}, idempotencyKey: "welcome-user_2" }),
  ),
  facts: [
    "call 1: success",
    "call 2: DUPLICATE_NOTIFICATION of call 1, same input",
    "stored: 1",
    "user_2: completed",
    "user_2 feed: done",
    "user_2 feed message: delivered",
    "user_2 mail: done",
    "user_2 mail message: sent",
    "mail to kenji@example.com: Welcome to Knock",
  ],
};

const optedOut: Story = {
  title: "Two people who said what they do not want",
  async prepare(client) {
    await client.setPreferences({ userId: "user_1", preferences: { channelTypes: { email: false } } });
    await client.setPreferences({ userId: "user_2", preferences: { categories: { account: false } } });
    const wish = async (user: string) => `${user} prefers ${JSON.stringify(await client.userPreferences(user))}`;
    return [await wish("user_1"), await wish("user_2")];
  },
  calls: [call("new-user-invited", { actor: "user_3", recipients: ["user_1", "user_2"], data: grace })],
  facts: [
    "call 1: success",
    "stored: 1",
    "user_1: completed",
    "user_1 feed: done",
    "user_1 feed message: delivered",
    "user_1 mail: skipped PREFERENCES",
    "user_2: completed",
    "user_2 feed: skipped PREFERENCES",
    "user_2 mail: skipped PREFERENCES",
  ],
};

/** The stories, in the order in which they are played. */
export const stories: readonly Story[] = [invited, welcome, commented, incomplete, nobody, twice, optedOut];
