// The links as texts: for content, for the headers of mails, and for whoever asks for one.
import type { Links } from "../../definition/scope.ts";
import type { LinkSettings } from "../engine.ts";
import { type PreferencesLink, signPreferencesLink, signUnsubscribeLink, type UnsubscribeLink } from "./token.ts";

/** Makes the links of one message. */
export type LinkMaker = (message: UnsubscribeLink, now: Date) => Links;

/** The address of the page of preferences. */
export const preferencesUrl = ({ url, secrets }: LinkSettings, link: PreferencesLink, now: Date): string =>
  `${url}/preferences/${signPreferencesLink(secrets, link, now)}`;

/** The address that unsubscribes. */
export const unsubscribeUrl = ({ url, secrets }: LinkSettings, link: UnsubscribeLink): string =>
  `${url}/unsubscribe/${signUnsubscribeLink(secrets, link)}`;

const none: Links = Object.freeze({ preferences: "", unsubscribe: "" });

/** Links of real messages, each made when it is read: most content reads none. Empty without settings. */
export const linkMaker =
  (settings: LinkSettings | null): LinkMaker =>
  (message, now) =>
    settings === null
      ? none
      : {
          get preferences() {
            const { userId, tenantId } = message;
            return preferencesUrl(settings, { userId, tenantId }, now);
          },
          get unsubscribe() {
            return unsubscribeUrl(settings, message);
          },
        };

/** Links that look like real ones and open nothing, for messages that are only shown. Empty without settings. */
export function exampleLinks(settings: LinkSettings | null): LinkMaker {
  const links = settings
    ? { preferences: `${settings.url}/preferences/EXAMPLE`, unsubscribe: `${settings.url}/unsubscribe/EXAMPLE` }
    : none;
  return () => links;
}
