// The settings of the six channel steps. A step states what is read (content) and when (selector);
// the provider behind the channel is the deployment's choice.
import type { Json, JsonObject } from "../../base/canonical-json.ts";
import type { LabelledCode } from "../code.ts";
import type { Condition } from "../conditions.ts";
import type { Content, ReactElementLike } from "../content.ts";
import type { Ref } from "../refs.ts";
import type { Selector } from "../selector.ts";

/** A condition as an author writes it: a selector that returns one, or labelled code. */
export type When<Scope> = Selector<Scope, Condition | Ref<boolean>> | LabelledCode<Scope>;

interface Common<Scope> {
  /** Runs the step only when it holds; otherwise the step is skipped and the run goes on. */
  when?: When<Scope>;
  /** Key of the channel in the config. Default: the only channel of this step's type. */
  channel?: string;
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
} as const satisfies { [K in ChannelKind]: readonly Exclude<keyof ChannelSettings<unknown>[K], "when" | "channel">[] };

/** The kinds of step that make a message, as values. */
export const channelKinds = Object.keys(contentSlots) as ChannelKind[];
