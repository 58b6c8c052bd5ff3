import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Duration } from "../../base/duration.ts";
import { durationMs } from "../../base/duration.ts";
import type { WebhookMessage } from "../messages.ts";
import { connectionHeaders, createHttpClient, isPrivateAddressError } from "../network.ts";
import { delivered, outcomeOfResponse, rejected } from "../outcome.ts";
import type { Outcome } from "../outcome.ts";
import { defineProvider } from "../provider.ts";

/** The header that carries the signature. */
export const signatureHeader = "x-knock-signature";

const httpUrl = z.url({ protocol: /^https?$/, error: "expected an http or https URL" });

const options = z.strictObject({
  /** Where to, unless a message says otherwise. */
  url: httpUrl.optional(),
  /** Signs every request. */
  secret: z.string().min(16, "expected at least 16 characters"),
  /** Sent with every request to `url`. Not sent when a message names another origin. */
  headers: z.record(z.string(), z.string()).default({}),
  /** Allows private, loopback and reserved addresses. */
  allowPrivateNetwork: z.union([z.boolean(), z.stringbool()]).default(false),
});

const digest = (secret: string, timestamp: string, body: string) =>
  createHmac("sha256", secret).update(`${timestamp}.${body}`).digest();

function target(message: WebhookMessage, configured: string | undefined): URL | null {
  const text = message.url ?? configured;
  return text !== undefined && httpUrl.safeParse(text).success ? new URL(text) : null;
}

/** The headers that a request carries besides ours, or `null` when one has no valid form. */
function ownHeaders(message: WebhookMessage, configured: Record<string, string>): Headers | null {
  try {
    const headers = new Headers({ "content-type": "application/json; charset=utf-8", "user-agent": "knock" });
    for (const [name, value] of [...Object.entries(configured), ...Object.entries(message.headers)])
      headers.set(name, value);
    for (const name of connectionHeaders) headers.delete(name);
    return headers;
  } catch {
    return null;
  }
}

/**
 * Posts the message as JSON, signed with HMAC-SHA256. A 2xx is `delivered`; 408, 429 and 5xx are tried
 * again; all else, redirects included, is refused for good. Private and loopback addresses are refused
 * unless `allowPrivateNetwork` is set. `context.fetch` is not used: the request goes to the very address
 * that was checked, which a fetch cannot promise.
 *
 * @example channels: { crm: webhook({ url: "https://crm.example.com/hooks", secret: env("CRM_SECRET") }) }
 */
export const webhook = defineProvider({
  key: "webhook",
  channel: "webhook",
  options,
  visible: ["allowPrivateNetwork"],
  open: ({ allowPrivateNetwork }) => createHttpClient({ allowPrivateNetwork }),
  close: (client) => client.close(),
  async send(
    message,
    { options: { url: configured, secret, headers: always }, connection, idempotencyKey, now, signal },
  ): Promise<Outcome> {
    const url = target(message, configured);
    if (!url) return rejected("neither the message nor the provider has an http or https URL");
    // A header such as a token is meant for the configured receiver, not for one that data names.
    const trusted = configured === undefined || new URL(configured).origin === url.origin;
    const headers = ownHeaders(message, trusted ? always : {});
    if (!headers) return rejected("a header has a name or a value that HTTP does not allow");
    const body = JSON.stringify(message.body);
    const timestamp = String(now.getTime());
    headers.set("idempotency-key", idempotencyKey);
    headers.set(signatureHeader, `t=${timestamp},s=${digest(secret, timestamp, body).toString("base64")}`);
    headers.set("content-length", String(Buffer.byteLength(body)));
    try {
      const outcome = outcomeOfResponse(
        await connection.request(url, { method: message.method, headers, body, signal }),
        now,
      );
      return outcome.kind === "sent" ? delivered(undefined, { statusCode: outcome.statusCode ?? 200 }) : outcome;
    } catch (error) {
      if (!isPrivateAddressError(error)) throw error;
      return rejected(`${(error as Error).message}; set allowPrivateNetwork to allow it`);
    }
  },
});

/** What a receiver knows of a request. */
export interface SignedRequest {
  /** The value of `x-knock-signature`. */
  signature: string | null | undefined;
  /** The body as text, exactly as received. */
  body: string;
  secret: string;
  now: Date;
  /** How old or how far ahead a request may be. Default `"5m"`. */
  tolerance?: Duration;
}

/**
 * Whether a request was signed with the secret, recently. For the receiver's side.
 *
 * @example verifySignature({ signature: request.headers.get("x-knock-signature"), body: await request.text(), secret, now })
 */
export function verifySignature({ signature, body, secret, now, tolerance = "5m" }: SignedRequest): boolean {
  const match = /^t=(\d{1,16}),s=([A-Za-z0-9+/]{43}=)$/.exec(signature ?? "");
  if (!match) return false;
  const [, timestamp, given] = match as unknown as [string, string, string];
  if (Math.abs(now.getTime() - Number(timestamp)) > durationMs(tolerance)) return false;
  return timingSafeEqual(digest(secret, timestamp, body), Buffer.from(given, "base64"));
}
