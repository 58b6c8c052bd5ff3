import { z } from "zod";
import { type Marking, markMessages } from "../../engine/directory/engagement.ts";
import { reachesTenant, type Viewer } from "../../engine/viewer/viewer.ts";
import type { MessageRead } from "../../store/reads/messages.ts";
import { missing, succeeded } from "./errors.ts";
import { findMessages, presentMessages } from "./messages.ts";
import { type RestContext, type Route, route } from "./route.ts";
import { messageShape } from "./shapes/message.ts";

/** What messages are marked as, by the words of a path. */
export const markings = {
  seen: "SEEN",
  unseen: "UNSEEN",
  read: "READ",
  unread: "UNREAD",
  archived: "ARCHIVED",
  unarchived: "UNARCHIVED",
  interacted: "INTERACTED",
} as const satisfies Record<string, Marking>;

/** What taking a mark back is, by the words of a path: `DELETE …/read` and `DELETE …/unread` mean the same. */
const undoings = {
  seen: "UNSEEN",
  unseen: "UNSEEN",
  read: "UNREAD",
  unread: "UNREAD",
  archived: "UNARCHIVED",
  unarchived: "UNARCHIVED",
} as const satisfies Record<string, Marking>;

/** The operations that have names of their own in the newest clients. */
const names: Readonly<Record<string, string>> = {
  "PUT seen": "messages.markAsSeen",
  "PUT read": "messages.markAsRead",
  "PUT archived": "messages.archive",
  "PUT interacted": "messages.markAsInteracted",
  "DELETE seen": "messages.markAsUnseen",
  "DELETE read": "messages.markAsUnread",
  "DELETE archived": "messages.unarchive",
};

const batchNames: Readonly<Record<keyof typeof markings, string>> = {
  seen: "messages.batch.markAsSeen",
  unseen: "messages.batch.markAsUnseen",
  read: "messages.batch.markAsRead",
  unread: "messages.batch.markAsUnread",
  archived: "messages.batch.archive",
  unarchived: "messages.batch.unarchive",
  interacted: "messages.batch.markAsInteracted",
};

const PAIRS = 5;

/** How somebody acted on a message: checked as clients know it, and not kept. */
const metadata = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .refine((pairs) => Object.keys(pairs).length <= PAIRS, `There are at most ${PAIRS} pairs.`)
  .nullish();

/** Whether a message is one that the caller may mark; `null` is a server. */
const reaches = (viewer: Viewer | null, { recipientId, tenantId }: MessageRead): boolean =>
  viewer === null || (recipientId === viewer.userId && reachesTenant(viewer, tenantId));

/** Marks those of the messages that the caller reaches, and answers them as they are then. */
async function mark(ids: readonly string[], as: Marking, { engine: { context }, identity: { viewer } }: RestContext) {
  const reached = (await findMessages(context, ids)).filter((message) => reaches(viewer, message));
  const own = reached.map(({ id }) => id);
  succeeded(await markMessages(context, { ids: own, as, by: viewer }));
  return presentMessages(context, await findMessages(context, own));
}

function single(method: "PUT" | "DELETE", word: string, as: Marking): Route {
  return route({
    method,
    path: `/v1/messages/:id/${word}`,
    operation: names[`${method} ${word}`] ?? `messages.${method.toLowerCase()}.${word}`,
    summary: `Marks a message as ${as.toLowerCase()}. Doing it again changes nothing.`,
    scope: "write",
    viewer: "messages",
    params: z.object({ id: z.string() }),
    ...(word === "interacted" && { body: z.object({ metadata }) }),
    responses: { 200: messageShape },
    async handle({ params: { id } }, context) {
      const [message] = await mark([id], as, context);
      if (!message) throw missing("message");
      return { status: 200, body: message };
    },
  });
}

const batch = (word: keyof typeof markings): Route =>
  route({
    method: "POST",
    path: `/v1/messages/batch/${word}`,
    operation: batchNames[word],
    summary: `Marks messages as ${word}, and answers them. Ids that are no message are left out.`,
    scope: "write",
    viewer: "messages",
    body: z.object({ message_ids: z.array(z.string()).max(1_000), metadata }),
    responses: { 200: z.array(messageShape) },
    async handle({ body }, context) {
      return { status: 200, body: await mark(body.message_ids, markings[word], context) };
    },
  });

/** What people do with their messages. */
export const messageStatusRoutes: readonly Route[] = [
  ...Object.entries(markings).map(([word, as]) => single("PUT", word, as)),
  ...Object.entries(undoings).map(([word, as]) => single("DELETE", word, as)),
  ...Object.keys(markings).map((word) => batch(word as keyof typeof markings)),
];
