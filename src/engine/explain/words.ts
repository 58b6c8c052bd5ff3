// Words that several parts of an explanation share.
import type { JsonObject } from "../../base/canonical-json.ts";
import { objectOf } from "../../base/object-id.ts";
import type { ChannelType } from "../../channels/messages.ts";
import type { AppliedPreference } from "../../store/schema/runs.ts";

/** `2026-01-05 09:00:00 UTC` */
export const timeWords = (at: Date): string =>
  at
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");

/** Names that a sentence lists before it says how many more there are. */
const LISTED = 5;

/** `"a", "b" and 3 more` */
export function namesWords(names: readonly string[]): string {
  const quoted = names.slice(0, LISTED).map((name) => `"${name}"`);
  const more = names.length - quoted.length;
  return more > 0 ? `${quoted.join(", ")} and ${more} more` : quoted.join(", ").replace(/, (?=[^,]*$)/, " and ");
}

/** `projects/7` */
const objectWords = (id: string): string | null => {
  const object = objectOf(id);
  return object && `${object.collection}/${object.id}`;
};

const only = (ids: readonly string[]): string[] => ids.flatMap((id) => objectWords(id) ?? []);

/** `the list "team" and the subscribers of "projects/7"` */
export function listWords(lists: readonly string[]): string {
  const objects = only(lists);
  const own = lists.filter((name) => objectWords(name) === null);
  return [
    own.length > 0 && `the ${own.length === 1 ? "list" : "lists"} ${namesWords(own)}`,
    objects.length > 0 && `the subscribers of ${namesWords(objects)}`,
  ]
    .filter(Boolean)
    .join(" and ");
}

/** `2 people, the object "projects/7"`; empty for nobody. */
export function recipientsWords(recipients: readonly string[]): string[] {
  const objects = only(recipients);
  const people = recipients.length - objects.length;
  return [
    ...(people > 0 ? [people === 1 ? "1 person" : `${people} people`] : []),
    ...(objects.length > 0 ? [`the ${objects.length === 1 ? "object" : "objects"} ${namesWords(objects)}`] : []),
  ];
}

/** `user "ada"`, `object "projects/7"` */
export const whoWords = (id: string): string =>
  objectWords(id) === null ? `user "${id}"` : `object "${objectWords(id)}"`;

const sets: Record<string, string> = {
  recipient: "the recipient's own set",
  recipientTenant: "the recipient's own set for this tenant",
  tenant: "the tenant's default set",
  environment: "the environment's default set",
};

/** `off by categories.comments in the recipient's own set` */
export const preferenceWords = ({ allowed, entry, layer }: AppliedPreference): string =>
  `${allowed ? "on" : "off"} by ${entry} in ${sets[layer] ?? layer}`;

const shortEmail = (email: string) => email.replace(/^(.)[^@]*/u, "$1…");

/** Where a message goes, so that it can be told apart and not be used: `a…@example.com`, `…42`; `null` for the feed. */
export function addressWords(type: ChannelType, address: JsonObject | null): string | null {
  if (address === null) return null;
  switch (type) {
    case "inApp":
      return null;
    case "email":
      return typeof address.email === "string" ? shortEmail(address.email) : null;
    case "sms":
      return typeof address.phoneNumber === "string" ? `…${address.phoneNumber.slice(-2)}` : null;
    case "push": {
      const count = Array.isArray(address.tokens) ? address.tokens.length : 0;
      return count === 1 ? "1 device" : `${count} devices`;
    }
    case "chat":
      return "the recipient's chat connection";
    case "webhook":
      return "the channel's own address";
  }
}
