// What a channel carries and where it goes: one rendered message and one address per channel type.
import type { Json, JsonObject } from "../base/canonical-json.ts";

/** The kinds of channel there are. */
export const channelTypes = ["inApp", "email", "sms", "push", "chat", "webhook"] as const;

/** A kind of channel. */
export type ChannelType = (typeof channelTypes)[number];

/** An item in the recipient's feed. */
export interface InAppMessage {
  title: string | null;
  body: string;
  actionUrl: string | null;
  /** Anything the feed's user interface needs. */
  data: JsonObject | null;
}

/** An e-mail with both its parts. */
export interface EmailMessage {
  subject: string;
  html: string;
  text: string;
  /** The line that mail programs show beside the subject. */
  preheader: string | null;
  /** The sender; `null` leaves it to the provider's options. */
  from: string | null;
  replyTo: string | null;
  cc: string[];
  bcc: string[];
  headers: Record<string, string>;
}

/** A text message. */
export interface SmsMessage {
  body: string;
}

/** A push notification. */
export interface PushMessage {
  title: string | null;
  body: string;
  actionUrl: string | null;
  data: JsonObject | null;
}

/** A chat message. */
export interface ChatMessage {
  /** Markdown. */
  body: string;
}

/** An HTTP request to another system. */
export interface WebhookMessage {
  /** Where to; `null` leaves it to the provider's options. */
  url: string | null;
  method: "POST" | "PUT" | "PATCH";
  headers: Record<string, string>;
  body: Json;
}

/** The rendered message that a provider of each channel type is handed. */
export interface MessageByType {
  inApp: InAppMessage;
  email: EmailMessage;
  sms: SmsMessage;
  push: PushMessage;
  chat: ChatMessage;
  webhook: WebhookMessage;
}

/** A rendered message, as handed to a provider. */
export type RenderedMessage<Type extends ChannelType = ChannelType> = MessageByType[Type];

/** Where a message of each channel type goes. */
export interface AddressByType {
  inApp: { userId: string };
  email: { email: string; name: string | null };
  sms: { phoneNumber: string };
  push: { tokens: string[] };
  /** `to` is the room or person when the channel data names one; `data` is all of the channel data. */
  chat: { to: string | null; data: JsonObject };
  webhook: Record<string, never>;
}

/** Where a message goes. */
export type Address<Type extends ChannelType = ChannelType> = AddressByType[Type];
