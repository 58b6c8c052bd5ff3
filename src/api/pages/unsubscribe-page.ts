// The page behind "Unsubscribe" in a mail: it asks first, because programs that look for harmful links open them all.
import type { ChannelTypeName } from "../../definition/preference-set.ts";
import type { Subscription } from "../../engine/links/unsubscribe.ts";
import type { Branding } from "./branding.ts";
import { type Html, html } from "./html.ts";
import { pageOf } from "./page.ts";
import { messagesOn } from "./words.ts";

/** What the page is about. */
export interface Unsubscribing {
  subscription: Subscription;
  channelType: ChannelTypeName;
  branding: Branding;
  /** Path of the page of preferences, from here. */
  preferencesPath: string;
}

const button = (action: "stop" | "undo", label: string, classes: string): Html =>
  html`<form method="post" action="?">
    <button type="submit" name="action" value="${action}" class="${classes}">${label}</button>
  </form>`;

/** What comes, for the end of a sentence. */
const subjectOf = ({ subscription: { commercial, name }, channelType }: Unsubscribing): string =>
  commercial ? "news and offers" : `${messagesOn[channelType]} “${name}”`;

function contentOf(about: Unsubscribing): { title: string; text: string; action: Html | null } {
  const { subscribed, changeable } = about.subscription;
  const subject = subjectOf(about);
  if (subscribed && !changeable) {
    return { title: "These are always sent", text: `You cannot unsubscribe from ${subject}.`, action: null };
  }
  if (subscribed) {
    return {
      title: "Unsubscribe?",
      text: `You will get no more ${subject}.`,
      action: button("stop", "Unsubscribe", ""),
    };
  }
  return {
    title: "You are unsubscribed",
    text: `You get no more ${subject}.`,
    action: changeable ? button("undo", "Undo", "quiet") : null,
  };
}

/** The page behind a link that unsubscribes. */
export function unsubscribePage(about: Unsubscribing): Response {
  const { title, text, action } = contentOf(about);
  return pageOf({
    title,
    branding: about.branding,
    body: html`<div class="card">
      <h1>${title}</h1>
      <p class="lead" role="status">${text}</p>
      <div class="actions">${action}<a href="${about.preferencesPath}">All notification preferences</a></div>
    </div>`,
  });
}

/** What everybody sees whose link opens nothing: it does not say why, nor whether anybody is meant. */
export const invalidLinkPage = (branding: Branding, status = 404): Response =>
  pageOf({
    title: "This link does not work",
    status,
    branding,
    body: html`<div class="card">
      <h1>This link does not work</h1>
      <p class="lead">It may be too old, or a part of it got lost on the way. Take the link in a newer message.</p>
    </div>`,
  });
