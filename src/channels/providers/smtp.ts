import type { Transporter } from "nodemailer";
import { z } from "zod";
import type { EmailMessage } from "../messages.ts";
import { rejected, retry, sent } from "../outcome.ts";
import type { Outcome } from "../outcome.ts";
import { withPreheader } from "../preheader.ts";
import { defineProvider } from "../provider.ts";

// As many connections as sends at once, so that no message waits in the pool beyond its timeout.
const CONNECTIONS = 8;

// A silent server frees its connection a little after the attempt was given up.
const SILENCE_MS = 20_000;

const EMAIL = /[^\s@<>]@[^\s@<>]/;

const flag = z.union([z.boolean(), z.stringbool()]);

const options = z
  .strictObject({
    /** `smtp://user:password@host:587`, or `smtps://` for TLS from the start. Instead of `host`. */
    url: z.url({ protocol: /^smtps?$/, error: "expected an smtp:// or smtps:// URL" }).optional(),
    host: z.string().min(1).optional(),
    /** Default 465 with `secure`, else 587. */
    port: z.coerce.number<number | string>().int().min(1).max(65_535).optional(),
    /** TLS from the start. Default: only on port 465; otherwise STARTTLS when the server offers it. */
    secure: flag.optional(),
    /** Refuses to send without TLS. */
    requireTls: flag.default(false),
    user: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    /** The sender of mails that name none: an address, or a name with an address in angle brackets. */
    from: z.string().regex(EMAIL, "expected an email address"),
  })
  .refine(({ url, host }) => (url === undefined) !== (host === undefined), {
    path: ["host"],
    error: "give either url or host",
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ["password"],
    error: "give user and password, or neither",
  });

type Options = z.output<typeof options>;

function serverOf({ url, host, port, secure, user, password }: Options) {
  if (url === undefined) return { host: host!, port, secure: secure ?? port === 465, user, password };
  const { hostname, port: portText, protocol, username, password: secret } = new URL(url);
  const number = portText ? Number(portText) : undefined;
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port ?? number,
    secure: secure ?? (protocol === "smtps:" || number === 465),
    user: user ?? (decodeURIComponent(username) || undefined),
    password: password ?? (decodeURIComponent(secret) || undefined),
  };
}

async function openPool(parsed: Options): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  const { user, password, ...server } = serverOf(parsed);
  return createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    // The pool may repeat a message once, when the server had closed an idle connection; all other
    // repeats are ours, or one message could go out many times within one attempt.
    maxRequeues: 1,
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    requireTLS: parsed.requireTls,
    ...server,
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
  });
}

// Set from the message itself; a copy among its free headers would contradict it.
const OWN_HEADERS = new Set([
  "from",
  "to",
  "cc",
  "bcc",
  "subject",
  "reply-to",
  "message-id",
  "mime-version",
  "content-type",
  "content-transfer-encoding",
]);

const freeHeaders = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name.trim().toLowerCase())));

/** The same for every attempt, so that a mailbox which gets a mail twice can show it once. */
function messageId(idempotencyKey: string, from: string): string {
  const domain = /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? "localhost";
  return `<${idempotencyKey.replaceAll(/[^\w.-]/g, "_")}@${domain}>`;
}

function parts({ html, text, preheader }: EmailMessage) {
  return { ...(html ? { html: withPreheader(html, preheader) } : {}), ...(text || !html ? { text } : {}) };
}

interface SmtpError {
  message: string;
  /** What kind of failure, such as `EENVELOPE` or `ECONNECTION`. */
  code?: string;
  responseCode?: number;
  /** The server's own words. */
  response?: string;
}

function outcomeOfError({ message, code, responseCode, response }: SmtpError): Outcome {
  const reason = response ? `the server answered ${response}` : message;
  const details = responseCode ? { statusCode: responseCode } : {};
  if (responseCode !== undefined && responseCode >= 500) return rejected(reason, details);
  // Without an answer of the server: the message itself cannot be sent, to nobody and by nobody.
  if (responseCode === undefined && (code === "EENVELOPE" || code === "EMESSAGE")) return rejected(reason);
  return retry(reason, details);
}

/**
 * Sends through an SMTP server, over a pool of at most eight connections. The Message-ID is made from
 * the message's id. Answers 4xx and failed connections are tried again, 5xx are refused for good.
 *
 * @example channels: { mail: smtp({ url: env("SMTP_URL"), from: "Acme <hello@example.com>" }) }
 */
export const smtp = defineProvider({
  key: "smtp",
  channel: "email",
  concurrency: CONNECTIONS,
  options,
  visible: ["host", "port", "secure", "requireTls", "from"],
  open: openPool,
  close: (pool) => pool.close(),
  async send(message, { to, options: { from: usual }, connection, idempotencyKey, signal }): Promise<Outcome> {
    const from = message.from ?? usual;
    try {
      const {
        messageId: id,
        envelope,
        rejectedErrors = [],
      } = await connection.sendMail({
        from,
        to: { name: to.name ?? "", address: to.email },
        cc: message.cc,
        bcc: message.bcc,
        ...(message.replyTo ? { replyTo: message.replyTo } : {}),
        subject: message.subject,
        ...parts(message),
        headers: freeHeaders(message.headers),
        messageId: messageId(idempotencyKey, from),
        // Content comes from templates and data: it may never name a file or a URL to attach.
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      });
      // The server may take the copies and refuse the recipient, who is the first of the envelope.
      const refused = rejectedErrors.find(({ recipient }: { recipient?: string }) => recipient === envelope.to[0]);
      return refused ? outcomeOfError(refused) : sent(id);
    } catch (error) {
      return outcomeOfError(error as SmtpError);
    }
  },
});
