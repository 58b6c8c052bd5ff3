// How pages call things, in the words of the people who read them.
import type { ChannelTypeName } from "../../definition/preference-set.ts";

/** A kind of channel as the head of a column. */
export const columnNames: Record<ChannelTypeName, string> = {
  inApp: "In-app",
  email: "Email",
  sms: "SMS",
  push: "Push",
  chat: "Chat",
  webhook: "Webhook",
};

/** A kind of channel within a sentence: `Weekly digest by e-mail`. */
export const byChannel: Record<ChannelTypeName, string> = {
  inApp: "in the app",
  email: "by e-mail",
  sms: "by SMS",
  push: "as push notification",
  chat: "in the chat",
  webhook: "by webhook",
};

/** What comes on a kind of channel: `no more e-mails “Weekly digest”`. */
export const messagesOn: Record<ChannelTypeName, string> = {
  inApp: "notifications in the app",
  email: "e-mails",
  sms: "text messages",
  push: "push notifications",
  chat: "chat messages",
  webhook: "calls",
};
