import { z } from "zod";
import type { AddressByType, ChannelType, MessageByType } from "../messages.ts";
import { sent } from "../outcome.ts";
import { defineProvider } from "../provider.ts";
import type { Provider } from "../provider.ts";

/** Where the blocks go. */
export interface ConsoleSettings {
  /** Receives each message as one text, ending in a line break. Default: standard output. */
  write?: (block: string) => void;
}

type Field = [label: string, value: string | null];

interface View<Type extends ChannelType> {
  to(address: AddressByType[Type]): string;
  fields(message: MessageByType[Type]): Field[];
  body(message: MessageByType[Type]): string;
}

// Text that people typed must not steer the terminal.
const plain = (text: string) => text.replaceAll(/[^\P{Cc}\n\t]/gu, "");

const json = (value: unknown) => (value === null ? null : JSON.stringify(value));

const views: { [Type in ChannelType]: View<Type> } = {
  inApp: {
    to: ({ userId }) => userId,
    fields: ({ title, actionUrl, data }) => [
      ["title", title],
      ["link", actionUrl],
      ["data", json(data)],
    ],
    body: ({ body }) => body,
  },
  email: {
    to: ({ email, name }) => (name ? `${name} <${email}>` : email),
    fields: ({ subject, from, replyTo, cc, bcc, preheader }) => [
      ["subject", subject],
      ["from", from],
      ["reply to", replyTo],
      ["cc", cc.join(", ")],
      ["bcc", bcc.join(", ")],
      ["preheader", preheader],
    ],
    body: ({ text, html }) => text || html,
  },
  sms: { to: ({ phoneNumber }) => phoneNumber, fields: () => [], body: ({ body }) => body },
  push: {
    to: ({ tokens }) => `${tokens.length} ${tokens.length === 1 ? "device" : "devices"}`,
    fields: ({ title, actionUrl, data }) => [
      ["title", title],
      ["link", actionUrl],
      ["data", json(data)],
    ],
    body: ({ body }) => body,
  },
  chat: { to: ({ to }) => to ?? "the recipient's connection", fields: () => [], body: ({ body }) => body },
  webhook: {
    to: () => "the configured URL",
    fields: ({ url, method }) => [["request", `${method} ${url ?? ""}`.trim()]],
    body: ({ body }) => JSON.stringify(body, null, 2),
  },
};

/**
 * Shows messages instead of sending them: one readable block each, nothing leaves the machine. The
 * provider of every channel in development, unless sending is switched on.
 *
 * @example channels: { mail: consoleProvider("email") }
 */
export function consoleProvider<Type extends ChannelType>(
  type: Type,
  { write = (block) => process.stdout.write(block) }: ConsoleSettings = {},
): Provider<Type> {
  const view: View<Type> = views[type];
  const define = defineProvider({
    key: "console",
    channel: type,
    options: z.strictObject({}),
    send(message, { to, metadata: { workflow, recipientId } }) {
      const fields = view.fields(message).filter(([, value]) => value);
      const lines = [
        `┌ ${type} to ${view.to(to)} (${recipientId}) from ${workflow}`,
        ...fields.map(([label, value]) => `│ ${label}: ${value}`),
        ...view
          .body(message)
          .trimEnd()
          .split(/\r?\n/)
          .map((line) => `│ ${line}`.trimEnd()),
        "└",
      ];
      // One write for each message: several sends at once must not mix their lines.
      write(plain(`${lines.join("\n")}\n`));
      return sent();
    },
  });
  return define();
}
