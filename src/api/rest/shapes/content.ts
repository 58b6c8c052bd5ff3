// What a message says, in the form of its kind of channel, as clients know it.
import { z } from "zod";
import type { MessageByType, AddressByType, ChannelType } from "../../../channels/messages.ts";
import type { MessageRead } from "../../../store/reads/messages.ts";
import { blockShape, blocksOf } from "./blocks.ts";
import { shape, timestamp } from "./shape.ts";

const text = z.string();

const contents = z.discriminatedUnion("__typename", [
  z.strictObject({
    __typename: z.literal("MessageEmailContent"),
    from: text,
    to: text,
    subject_line: text,
    html_body: text,
    text_body: text,
    reply_to: text.nullable(),
    cc: text.nullable(),
    bcc: text.nullable(),
  }),
  z.strictObject({ __typename: z.literal("MessageSmsContent"), to: text, body: text }),
  z.strictObject({
    __typename: z.literal("MessagePushContent"),
    token: text,
    title: text,
    body: text,
    data: z.record(text, z.unknown()).nullable(),
  }),
  z.strictObject({
    __typename: z.literal("MessageChatContent"),
    connection: z.record(text, z.unknown()),
    template: z.strictObject({
      blocks: z.array(z.strictObject({ name: text, type: z.literal("markdown"), content: text })),
      json_content: z.null(),
      summary: z.null(),
    }),
    metadata: z.null(),
  }),
  z.strictObject({ __typename: z.literal("MessageInAppFeedContent"), blocks: z.array(blockShape) }),
  z.strictObject({
    __typename: z.literal("MessageHttpContent"),
    url: text.nullable(),
    method: text,
    headers: z.record(text, text),
    body: z.unknown(),
  }),
]);

/** What a message says. */
export const messageContentsShape = shape(
  "MessageContents",
  z.strictObject({
    __typename: z.literal("MessageContents"),
    message_id: z.uuid(),
    inserted_at: timestamp,
    data: contents,
  }),
);

type Content = z.output<typeof contents>;

const list = (addresses: readonly string[]): string | null => (addresses.length > 0 ? addresses.join(", ") : null);

type Presenters = {
  [Type in ChannelType]: (message: MessageByType[Type], address: Partial<AddressByType[Type]>) => Content;
};

const presenters: Presenters = {
  inApp: (message) => ({ __typename: "MessageInAppFeedContent", blocks: blocksOf(message) }),
  email: ({ from, subject, html, text: plain, replyTo, cc, bcc }, { email = "" }) => ({
    __typename: "MessageEmailContent",
    from: from ?? "",
    to: email,
    subject_line: subject,
    html_body: html,
    text_body: plain,
    reply_to: replyTo,
    cc: list(cc),
    bcc: list(bcc),
  }),
  sms: ({ body }, { phoneNumber = "" }) => ({ __typename: "MessageSmsContent", to: phoneNumber, body }),
  push: ({ title, body, data }, { tokens = [] }) => ({
    __typename: "MessagePushContent",
    token: tokens[0] ?? "",
    title: title ?? "",
    body,
    data,
  }),
  chat: ({ body }, { data = {} }) => ({
    __typename: "MessageChatContent",
    connection: data,
    template: { blocks: [{ name: "body", type: "markdown", content: body }], json_content: null, summary: null },
    metadata: null,
  }),
  webhook: ({ url, method, headers, body }) => ({ __typename: "MessageHttpContent", url, method, headers, body }),
};

/** The content of a message as clients know it. */
export function presentContents(message: MessageRead): z.output<typeof messageContentsShape> {
  const { id, channelType, content, address, createdAt } = message;
  // Stored by the renderer of its own channel type.
  const present = presenters[channelType] as unknown as (content: object, address: object) => Content;
  return {
    __typename: "MessageContents",
    message_id: id,
    inserted_at: createdAt.toISOString(),
    data: present(content, address ?? {}),
  };
}
