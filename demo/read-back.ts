// What became of a call, as the server tells it.
import type { Notification, Run } from "knock/client";
import { pause, systemClock } from "../src/base/clock.ts";
import type { System } from "./system.ts";

const POLL_MS = 20;
const LONGEST_WAIT_MS = 10_000;

/** The runs of a notification, by recipient. */
export const runsOf = ({ runs }: Notification): Run[] =>
  runs.nodes.toSorted((a, b) => (a.recipientId < b.recipientId ? -1 : 1));

/** Nothing more happens to it by itself before time passes. */
function isAtRest({ status, runs }: Notification, now: Date): boolean {
  if (status === "ACCEPTED" || status === "PROCESSING") return false;
  const due = runs.nodes.some(({ wakeAt }) => wakeAt !== null && new Date(wakeAt) <= now);
  return !due && runs.nodes.every(({ messages }) => messages.every((message) => message.status !== "QUEUED"));
}

/** Reads a notification until it has come to rest. Throws when that takes longer than 10 seconds. */
export async function readBack({ client, now }: System, id: string): Promise<Notification> {
  for (let waited = 0; waited < LONGEST_WAIT_MS; waited += POLL_MS) {
    const notification = await client.notification(id, { first: 100 });
    if (notification && isAtRest(notification, now())) return notification;
    await pause(systemClock, POLL_MS);
  }
  throw new Error(`notification ${id} has not come to rest within ${LONGEST_WAIT_MS / 1_000} s`);
}

interface Stored {
  data: { notifications: { edges: { node: { id: string } }[] } };
}

/** Ids of all notifications that the server has stored; there are fewer than a hundred. */
export async function storedNotifications({ url }: System): Promise<string[]> {
  const query = "{ notifications(first: 100) { edges { node { id } } } }";
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) };
  const { data } = (await (await fetch(`${url}/graphql`, request)).json()) as Stored;
  return data.notifications.edges.map(({ node }) => node.id);
}
