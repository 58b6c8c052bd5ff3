import type { EmailMessage, WebhookMessage } from "../../src/channels/messages.ts";

/** An e-mail that uses no optional part. */
export const email: EmailMessage = {
  subject: "Welcome",
  html: "<p>Hello <b>Ada</b></p>",
  text: "Hello Ada",
  preheader: null,
  from: null,
  replyTo: null,
  cc: [],
  bcc: [],
  headers: {},
};

/** A webhook that leaves the URL to the provider. */
export const hook: WebhookMessage = { url: null, method: "POST", headers: {}, body: { hello: "world" } };
