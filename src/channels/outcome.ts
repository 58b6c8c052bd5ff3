// What a provider answers, as values. A throw is only for what nobody foresaw.
import { durationMs } from "../base/duration.ts";
import type { Duration } from "../base/duration.ts";

/** The reason and the status code that belong to an outcome; the code is HTTP's or SMTP's. */
interface Refusal {
  reason: string;
  statusCode: number | null;
}

interface Acceptance {
  /** What the provider calls the message, to recognise its later events. */
  providerMessageId: string | null;
  statusCode: number | null;
}

/** Accepted by the provider; whether it arrives is not known yet. */
export type Sent = Acceptance & { kind: "sent" };
/** Arrived. */
export type Delivered = Acceptance & { kind: "delivered" };
/** Failed in a way that may pass: tried again, which costs an attempt. */
export type Retry = Refusal & {
  kind: "retry";
  /** Wait at least so long, in milliseconds; `null`: the usual backoff. */ afterMs: number | null;
};
/** The provider asks to wait: tried again no sooner, which costs no attempt. */
export type RateLimited = Refusal & { kind: "rateLimited"; afterMs: number };
/** Refused for good: not tried again. */
export type Rejected = Refusal & { kind: "rejected" };
/** The address does not exist or does not accept: not tried again. */
export type Bounced = Refusal & { kind: "bounced" };

/** What a provider answered to one attempt. */
export type Outcome = Sent | Delivered | Retry | RateLimited | Rejected | Bounced;

/** The names of all outcomes. */
export const outcomeKinds = [
  "sent",
  "delivered",
  "retry",
  "rateLimited",
  "rejected",
  "bounced",
] as const satisfies Outcome["kind"][];

interface StatusCode {
  /** The HTTP or SMTP status that said so, kept with the attempt. */
  statusCode?: number;
}

const acceptance = (providerMessageId: string | undefined, { statusCode }: StatusCode): Acceptance => ({
  providerMessageId: providerMessageId ?? null,
  statusCode: statusCode ?? null,
});

const refusal = (reason: string, { statusCode }: StatusCode): Refusal => ({ reason, statusCode: statusCode ?? null });

/**
 * The provider has taken the message.
 *
 * @example return sent(answer.id);
 */
export const sent = (providerMessageId?: string, details: StatusCode = {}): Sent => ({
  kind: "sent",
  ...acceptance(providerMessageId, details),
});

/** The message has arrived, and the provider knows it. */
export const delivered = (providerMessageId?: string, details: StatusCode = {}): Delivered => ({
  kind: "delivered",
  ...acceptance(providerMessageId, details),
});

/**
 * Failed in a way that may pass. Costs an attempt; the usual backoff applies unless `after` is given.
 *
 * @example return retry("the provider is being maintained", { after: "5m", statusCode: 500 });
 */
export const retry = (reason: string, { after, ...details }: StatusCode & { after?: Duration } = {}): Retry => ({
  kind: "retry",
  afterMs: after === undefined ? null : durationMs(after),
  ...refusal(reason, details),
});

/**
 * The provider asks to wait (`Retry-After`). Costs no attempt.
 *
 * @example return rateLimited("30s");
 */
export const rateLimited = (after: Duration, details: StatusCode & { reason?: string } = {}): RateLimited => ({
  kind: "rateLimited",
  afterMs: durationMs(after),
  ...refusal(details.reason ?? "the provider's rate limit is reached", details),
});

/**
 * Refused for good.
 *
 * @example return rejected("the template is not allowed", { statusCode: 422 });
 */
export const rejected = (reason: string, details: StatusCode = {}): Rejected => ({
  kind: "rejected",
  ...refusal(reason, details),
});

/** The address does not exist or does not accept messages. */
export const bounced = (reason: string, details: StatusCode = {}): Bounced => ({
  kind: "bounced",
  ...refusal(reason, details),
});

const HTTP_DATE = /^[A-Z][a-z]{2,8}, ?.*GMT$|^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * Milliseconds that a `Retry-After` header asks to wait: seconds or an HTTP date, never negative.
 * `null` when there is none or it is neither.
 */
export function parseRetryAfter(header: string | null, now: Date): number | null {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  if (!HTTP_DATE.test(text)) return null;
  // The oldest of the three forms does not name its zone; HTTP says it is GMT.
  const at = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}

/**
 * The outcome that an HTTP status stands for: 2xx sent; 429 and 503 with `Retry-After` rate limited;
 * 408, 429 and 5xx retried; all else rejected, redirects included. Reads no body.
 *
 * @example return outcomeOfResponse(await fetch(url, { method: "POST", signal, body }), now);
 */
export function outcomeOfResponse(response: Response, now: Date): Outcome {
  const { status: statusCode } = response;
  const reason = `the provider answered ${statusCode}${response.statusText ? ` ${response.statusText}` : ""}`;
  if (response.ok) return sent(undefined, { statusCode });
  if (statusCode === 429 || statusCode === 503) {
    const afterMs = parseRetryAfter(response.headers.get("retry-after"), now);
    return afterMs === null ? retry(reason, { statusCode }) : { kind: "rateLimited", afterMs, reason, statusCode };
  }
  return statusCode === 408 || statusCode >= 500 ? retry(reason, { statusCode }) : rejected(reason, { statusCode });
}
