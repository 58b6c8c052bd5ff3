// What a link says stands in the link itself, signed: who has it needs no login, and the server keeps nothing of it.
import { createHmac, timingSafeEqual } from "node:crypto";
import { durationMs } from "../../base/duration.ts";
import { type ChannelType, channelTypes } from "../../channels/messages.ts";

/** Leads to the page of preferences. */
export interface PreferencesLink {
  userId: string;
  /** Whose messages the page is about; `null` for those of no tenant. */
  tenantId: string | null;
}

/** Ends messages like the one that it stands in. */
export interface UnsubscribeLink {
  userId: string;
  tenantId: string | null;
  workflow: string;
  channelType: ChannelType;
  /** The workflow was commercial when the message was made: counts when there is no such workflow any more. */
  commercial: boolean;
}

const DAY = durationMs("1d");

/** Days for which a link to the page of preferences is taken. Those that unsubscribe are taken for ever. */
export const PREFERENCES_LINK_DAYS = 90;

/** The last character: programs that make links of plain text leave out a `-` or `_` at the end, which base64 may have. */
const VERSION = "1";

/** Of 32: as many as nobody guesses, and short links are not broken by programs on their way. */
const SIGNATURE_BYTES = 16;
const SIGNATURE_LENGTH = 22;

/** What can stand in a link at most, so that nobody makes us calculate much. */
const LONGEST = 4_096;

type Purpose = "preferences" | "unsubscribe";

/** The purpose is signed, too: what opens the page of preferences unsubscribes from nothing. */
const signatureOf = (secret: string, purpose: Purpose, payload: string): string =>
  createHmac("sha256", secret)
    .update(`knock ${purpose} ${VERSION} ${payload}`)
    .digest()
    .subarray(0, SIGNATURE_BYTES)
    .toString("base64url");

function sign(secrets: readonly string[], purpose: Purpose, said: readonly unknown[]): string {
  const payload = Buffer.from(JSON.stringify(said)).toString("base64url");
  return `${signatureOf(secrets[0]!, purpose, payload)}${payload}${VERSION}`;
}

/** What a token says, if one of the secrets signed it for this purpose. */
function verified(secrets: readonly string[], purpose: Purpose, token: string): readonly unknown[] | null {
  if (token.length > LONGEST || token.at(-1) !== VERSION || !/^[\w-]+$/.test(token)) return null;
  const given = Buffer.from(token.slice(0, SIGNATURE_LENGTH));
  const payload = token.slice(SIGNATURE_LENGTH, -1);
  let found = false;
  for (const secret of secrets) {
    // As texts: two texts may stand for the same bytes, and only one of them was made here.
    const expected = Buffer.from(signatureOf(secret, purpose, payload));
    found = (given.length === expected.length && timingSafeEqual(given, expected)) || found;
  }
  return found ? (JSON.parse(Buffer.from(payload, "base64url").toString()) as unknown[]) : null;
}

/** The token of a link to the page of preferences, taken for 90 days. The same all day long. */
export function signPreferencesLink(secrets: readonly string[], link: PreferencesLink, now: Date): string {
  const lastDay = Math.floor(now.getTime() / DAY) + PREFERENCES_LINK_DAYS;
  return sign(secrets, "preferences", [link.userId, link.tenantId, lastDay]);
}

/** What a token for the page of preferences says; `null` for one that nobody here signed, or that is too old. */
export function readPreferencesLink(secrets: readonly string[], token: string, now: Date): PreferencesLink | null {
  const said = verified(secrets, "preferences", token);
  if (!said) return null;
  const [userId, tenantId, lastDay] = said as [string, string | null, number];
  return now.getTime() / DAY < lastDay + 1 ? { userId, tenantId } : null;
}

/** The token of a link that unsubscribes. It has no end: mails are read years later. */
export const signUnsubscribeLink = (secrets: readonly string[], link: UnsubscribeLink): string =>
  sign(secrets, "unsubscribe", [
    link.userId,
    link.tenantId,
    link.workflow,
    channelTypes.indexOf(link.channelType),
    link.commercial ? 1 : 0,
  ]);

/** What a token that unsubscribes says; `null` for one that nobody here signed. */
export function readUnsubscribeLink(secrets: readonly string[], token: string): UnsubscribeLink | null {
  const said = verified(secrets, "unsubscribe", token);
  if (!said) return null;
  const [userId, tenantId, workflow, type, commercial] = said as [string, string | null, string, number, number];
  return { userId, tenantId, workflow, channelType: channelTypes[type]!, commercial: commercial === 1 };
}
