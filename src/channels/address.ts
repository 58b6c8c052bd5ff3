import type { JsonObject } from "../base/canonical-json.ts";
import type { Address, AddressByType, ChannelType } from "./messages.ts";

/** What is read of a recipient to find an address. */
export interface Addressee {
  id: string;
  name: string | null;
  email: string | null;
  phoneNumber: string | null;
  /** What each channel knows of the recipient, by channel key: push tokens, chat connections. */
  channelData: Record<string, JsonObject>;
}

/** An address, or why there is none. */
export type AddressResult<Type extends ChannelType = ChannelType> =
  | { address: Address<Type>; reason: null }
  | { address: null; reason: string };

type Finder<Type extends ChannelType> = (recipient: Addressee, channelKey: string) => Address<Type> | string;

// One address and nothing else: a list, a display name or a line break in this place would reach people nobody chose.
const ONE_EMAIL = /^[^\s<>,;:"]+@[^\s<>,;:"@]+$/;

const present = (text: string | null | undefined): string | null => text?.trim() || null;

// A text instead of an address is the reason for there being none.
const finders: { [Type in ChannelType]: Finder<Type> } = {
  inApp: ({ id }) => ({ userId: id }),
  webhook: () => ({}),
  email({ email, name }) {
    const found = present(email);
    if (!found) return "the recipient has no email address";
    return ONE_EMAIL.test(found) ? { email: found, name: present(name) } : "the recipient's email address is not valid";
  },
  sms({ phoneNumber }) {
    const found = present(phoneNumber);
    return found ? { phoneNumber: found } : "the recipient has no phone number";
  },
  push({ channelData }, channelKey) {
    const tokens = channelData[channelKey]?.tokens;
    const usable = Array.isArray(tokens) ? tokens.filter((token) => typeof token === "string" && token !== "") : [];
    if (usable.length === 0) return `the recipient has no push token for channel "${channelKey}"`;
    return { tokens: [...new Set(usable as string[])] };
  },
  chat({ channelData }, channelKey) {
    const data = channelData[channelKey];
    if (!data || Object.keys(data).length === 0) return `the recipient has no channel data for channel "${channelKey}"`;
    return { to: typeof data.to === "string" ? present(data.to) : null, data };
  },
};

/**
 * Where a message of a channel type goes for one recipient, or the reason why it cannot: the
 * recipient's own email and phone number, the id for the feed, the channel data for push and chat.
 * A reason never contains the value itself.
 *
 * @example addressOf("email", recipient, "mail") // { address: { email: "ada@example.com", name: "Ada" }, reason: null }
 */
export function addressOf<Type extends ChannelType>(
  type: Type,
  recipient: Addressee,
  channelKey: string,
): AddressResult<Type> {
  const find: Finder<Type> = finders[type];
  const found = find(recipient, channelKey);
  return typeof found === "string"
    ? { address: null, reason: found }
    : { address: found as AddressByType[Type], reason: null };
}
