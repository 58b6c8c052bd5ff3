// The settings of the six channel steps. A step states what is read (content) and when (selector);
// the provider behind the channel is the deployment's choice.
import type { Json, JsonObject } from "../../base/canonical-json.ts";
import type { Content, ReactElementLike } from "../content.ts";
import type { SendWindow } from "../send-window.ts";
import type { Conditional, Retrying } from "./when.ts";

export type { When } from "./when.ts";

interface Common<Scope> extends Conditional<Scope>, Retrying {
  /** Key of the channel in the config. Default: the only channel of this step's type. */
  channel?: string;
  /** When the message may go out; `null` for always. Default: what `.sendWindow()` said before. */
  sendWindow?: SendWindow | null;
}

/** A message in the recipient's feed. */
export interface InAppSettings<Scope> extends Common<Scope> {
  title?: Content<Scope>;
  body: Content<Scope>;
  actionUrl?: Content<Scope>;
  /** Anything the feed's user interface needs. */
  data?: Content<Scope, JsonObject>;
}

/** An e-mail. The HTML and the text part are made from `body` unless given themselves. */
export interface EmailSettings<Scope> extends Common<Scope> {
  subject: Content<Scope>;
  /** Plain text, or a React element that becomes the HTML part. */
  body?: Content<Scope, string | ReactElementLike>;
  /** The HTML part, when `body` is not enough. */
  html?: Content<Scope>;
  /** The text part, when the one made from the HTML is not enough. */
  text?: Content<Scope>;
  /** The line that mail programs show beside the subject. */
  preheader?: Content<Scope>;
  from?: Content<Scope>;
  replyTo?: Content<Scope>;
}

/** A text message. */
export interface SmsSettings<Scope> extends Common<Scope> {
  body: Content<Scope>;
}

/** A push notification. */
export interface PushSettings<Scope> extends Common<Scope> {
  title?: Content<Scope>;
  body: Content<Scope>;
  actionUrl?: Content<Scope>;
  data?: Content<Scope, JsonObject>;
}

/** A chat message, in Markdown. */
export interface ChatSettings<Scope> extends Common<Scope> {
  body: Content<Scope>;
}

/** An HTTP request to another system. */
export interface WebhookSettings<Scope> extends Common<Scope> {
  /** Default: the URL of the channel's provider. */
  url?: Content<Scope>;
  /** Default: `POST`. */
  method?: "POST" | "PUT" | "PATCH";
  headers?: Content<Scope, Record<string, string>>;
  /** Default: workflow, recipient and data. */
  body?: Content<Scope, Json>;
}

/** The settings by kind of step. */
export interface ChannelSettings<Scope> {
  inApp: InAppSettings<Scope>;
  email: EmailSettings<Scope>;
  sms: SmsSettings<Scope>;
  push: PushSettings<Scope>;
  chat: ChatSettings<Scope>;
  webhook: WebhookSettings<Scope>;
}

/** The kinds of step that make a message. */
export type ChannelKind = keyof ChannelSettings<unknown>;

/** The content slots of each kind, in the order in which people read them. */
export const contentSlots = {
  inApp: ["title", "body", "actionUrl", "data"],
  email: ["subject", "preheader", "body", "html", "text", "from", "replyTo"],
  sms: ["body"],
  push: ["title", "body", "actionUrl", "data"],
  chat: ["body"],
  webhook: ["url", "method", "headers", "body"],
} as const satisfies {
  [K in ChannelKind]: readonly Exclude<keyof ChannelSettings<unknown>[K], keyof Common<unknown>>[];
};

/** The kinds of step that make a message, as values. */
export const channelKinds = Object.keys(contentSlots) as ChannelKind[];

/** Whether steps of this kind make a message. */
export const isChannelKind = (kind: string): kind is ChannelKind => Object.hasOwn(contentSlots, kind);
