// Unsubscribing with one click in the mail program itself (RFC 8058).
import type { Channel } from "../../channels/channel.ts";
import type { EmailMessage, RenderedMessage } from "../../channels/messages.ts";
import type { Sendable } from "../../store/messages.ts";
import type { EngineContext } from "../engine.ts";
import { unsubscribeUrl } from "./links.ts";

/** A header has at most 998 characters in a line, and an address cannot be folded. */
const LONGEST_URL = 900;

type Sending = Pick<EngineContext, "links" | "registry" | "archived">;

/**
 * The message as it is handed over: mails that their reader may refuse say where. They do not where links are not
 * configured, the workflow is `required`, or the mail says it already. Never stored: the headers belong to the
 * sending, and change with the secrets.
 */
export function withUnsubscribe(
  { links, registry, archived }: Sending,
  { type }: Pick<Channel, "type">,
  message: Sendable,
): RenderedMessage {
  const content = message.content as unknown as RenderedMessage;
  if (type !== "email" || !links) return content;
  const { workflow, recipientId: userId, tenantId } = message;
  const known = registry().get(workflow) ?? archived.find(workflow);
  if (known?.structure.required) return content;
  const { headers } = content as EmailMessage;
  if (Object.keys(headers).some((name) => name.toLowerCase() === "list-unsubscribe")) return content;
  const commercial = known?.structure.commercial ?? false;
  const url = unsubscribeUrl(links, { userId, tenantId, workflow, channelType: type, commercial });
  if (url.length > LONGEST_URL) return content;
  return {
    ...(content as EmailMessage),
    headers: { ...headers, "List-Unsubscribe": `<${url}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
  };
}
