import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { EmailMessage } from "../../../src/channels/messages.ts";
import { smtp } from "../../../src/channels/providers/smtp.ts";
import { attemptSend } from "../../../src/channels/send.ts";
import { providerContract } from "../../../src/testing/provider-contract.ts";
import type { Behaviour } from "../../../src/testing/provider-contract.ts";
import { smtpReply, startMailServer } from "../../support/mail-server.ts";
import type { MailServerSettings } from "../../support/mail-server.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { email } from "../../support/messages.ts";

const user = "postmaster-1";
const password = "p@ss:word/1";
const from = "Acme <hello@acme.example>";
const metadata = { workflow: "welcome", recipientId: "user_1", tenant: null };
const to = { email: "ada@example.com", name: "Ada Lovelace" };

/** A mail server that is stopped after the test. */
async function mailServer(faults: Omit<MailServerSettings, "user" | "password"> = {}) {
  const server = await startMailServer({ user, password, ...faults });
  running.push(server.close);
  return server;
}

const running: (() => void)[] = [];
afterEach(() => running.splice(0).forEach((close) => close()));

async function mail(
  provider: ReturnType<typeof smtp>,
  message: EmailMessage = email,
  idempotencyKey = "m1",
  recipient = to,
) {
  const { outcome } = await attemptSend(provider, message, {
    to: recipient,
    idempotencyKey,
    attempt: 1,
    metadata,
    clock: manualClock(),
  });
  await provider.close();
  return outcome;
}

providerContract(
  "smtp",
  {
    without: { rateLimit: "SMTP has no Retry-After" },
    async open() {
      let behaviour: Behaviour = "accept";
      const verdicts = {
        accept: () => null,
        rateLimit: () => null,
        fail: () => smtpReply(451, `busy, ${password}`),
        hang: () => "hang" as const,
        reject: () => smtpReply(550, `refused, ${user} ${password}`),
      };
      const { url, mails, held, close } = await mailServer({ data: () => verdicts[behaviour]() });
      return {
        provider: smtp({ url, from }),
        message: email,
        to,
        behave: (next: Behaviour) => void (behaviour = next),
        received: () => mails.map(({ parsed }) => parsed.messageId!.replace(/^<(.*)@.*$/, "$1")),
        held,
        secrets: [user, password, encodeURIComponent(password), url],
        invalid: [
          {
            field: "url",
            make: () => smtp({ url: `http://${user}:${encodeURIComponent(password)}@example.com`, from }),
          },
          { field: "host", make: () => smtp({ from }) },
          { field: "host", make: () => smtp({ url, host: "example.com", from }) },
          { field: "port", make: () => smtp({ host: "example.com", port: password, from }) },
          { field: "port", make: () => smtp({ host: "example.com", port: 70_000, from }) },
          { field: "password", make: () => smtp({ host: "example.com", user, from }) },
          { field: "from", make: () => smtp({ host: "example.com", from: "Acme" }) },
        ],
        close,
      };
    },
  },
  { test, expect },
);

describe("the mail", () => {
  test("has the right headers, both parts, and goes to the right people", async () => {
    const { url, mails } = await mailServer();
    const message: EmailMessage = {
      subject: "Wélcome, Ada ✓",
      html: '<html><body class="a"><p>Hello <b>Ada</b></p></body></html>',
      text: "Hello Ada",
      preheader: "A <short> word",
      from: "Support <support@acme.example>",
      replyTo: "reply@acme.example",
      cc: ["carol@example.com"],
      bcc: ["bob@example.com"],
      headers: { "X-Campaign": "spring", "List-Unsubscribe": "<https://acme.example/u>" },
    };
    const outcome = await mail(smtp({ url, from }), message, "0197-id");
    expect(outcome).toMatchObject({ kind: "sent", providerMessageId: "<0197-id@acme.example>" });

    const { parsed, raw, envelope } = mails[0]!;
    expect(parsed.subject).toBe(message.subject);
    expect(parsed.from?.value).toEqual([{ name: "Support", address: "support@acme.example" }]);
    expect(parsed.to).toMatchObject({ value: [{ name: "Ada Lovelace", address: "ada@example.com" }] });
    expect(parsed.cc).toMatchObject({ value: [{ address: "carol@example.com" }] });
    expect(parsed.replyTo?.value[0]?.address).toBe("reply@acme.example");
    expect(parsed.messageId).toBe("<0197-id@acme.example>");
    expect(parsed.headers.get("x-campaign")).toBe("spring");
    expect(parsed.headers.get("mime-version")).toBe("1.0");
    expect(raw).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(parsed.text?.trim()).toBe("Hello Ada");
    expect(parsed.html).toMatch(
      /^<html><body class="a"><div style="display:none[^"]*">A &lt;short&gt; word<\/div><p>Hello <b>Ada<\/b>/,
    );
    expect(envelope).toEqual({
      from: "support@acme.example",
      to: ["ada@example.com", "carol@example.com", "bob@example.com"],
    });
    expect(raw).not.toContain("bob@example.com");
  });

  test("takes the sender from the options, and needs only one part", async () => {
    const { url, mails } = await mailServer();
    const provider = () => smtp({ url, from });
    await mail(provider(), { ...email, html: "" });
    await mail(provider(), { ...email, text: "" });
    expect(mails[0]!.parsed.from?.value).toEqual([{ name: "Acme", address: "hello@acme.example" }]);
    expect(mails[0]!.raw).toMatch(/^Content-Type: text\/plain/m);
    expect(mails[1]!.raw).toMatch(/^Content-Type: text\/html/m);
  });

  test("cannot be given headers or recipients through its content", async () => {
    const { url, mails } = await mailServer();
    const message = {
      ...email,
      subject: "Hi\r\nBcc: victim@example.com",
      headers: {
        "X-A": "1\r\nX-Injected: yes",
        "Message-ID": "<forged@example.com>",
        "content-type": "text/evil",
        Bcc: "victim@example.com",
        To: "victim@example.com",
      },
    };
    await mail(smtp({ url, from }), message, "m1", {
      email: "ada@example.com",
      name: "Ada\r\nBcc: victim@example.com",
    });
    const { parsed, raw, envelope } = mails[0]!;
    expect(envelope.to).toEqual(["ada@example.com"]);
    expect(parsed.messageId).toBe("<m1@acme.example>");
    expect(raw).not.toMatch(/^(X-Injected|Bcc):/im);
    expect(raw.match(/^Message-ID:/gim)?.length).toBe(1);
    expect(raw).not.toContain("text/evil");
  });
});

describe("the server's answer", () => {
  test.each([421, 450, 451, 452])("%i is tried again", async (statusCode) => {
    const { url } = await mailServer({ data: () => smtpReply(statusCode, "later") });
    expect(await mail(smtp({ url, from }))).toMatchObject({
      kind: "retry",
      statusCode,
      reason: expect.stringContaining("later"),
    });
  });

  test.each([550, 552, 554])("%i is final", async (statusCode) => {
    const { url } = await mailServer({ data: () => smtpReply(statusCode, "never") });
    expect(await mail(smtp({ url, from }))).toMatchObject({
      kind: "rejected",
      statusCode,
      reason: expect.stringContaining("never"),
    });
  });

  test("to a recipient counts, also when copies were taken", async () => {
    const { url } = await mailServer({
      recipient: (address) => (address === to.email ? smtpReply(550, "no such mailbox") : null),
    });
    expect(await mail(smtp({ url, from }))).toMatchObject({ kind: "rejected", statusCode: 550 });
    expect(await mail(smtp({ url, from }), { ...email, cc: ["carol@example.com"] })).toMatchObject({
      kind: "rejected",
      statusCode: 550,
    });
  });

  test("to a copy does not count", async () => {
    const { url } = await mailServer({
      recipient: (address) => (address === "carol@example.com" ? smtpReply(550, "no such mailbox") : null),
    });
    expect(await mail(smtp({ url, from }), { ...email, cc: ["carol@example.com"] })).toMatchObject({ kind: "sent" });
  });

  test("to a wrong password is final and repeats none of it", async () => {
    const { port } = await mailServer();
    const outcome = await mail(smtp({ host: "127.0.0.1", port, user, password: "wrong-password", from }));
    expect(outcome).toMatchObject({ kind: "rejected", statusCode: 535 });
    expect(JSON.stringify(outcome)).not.toMatch(/wrong-password|postmaster-1/);
  });
});

describe("the connection", () => {
  test("that is refused is tried again, and the reason says where", async () => {
    const { port, close } = await mailServer();
    close();
    const outcome = await mail(smtp({ host: "127.0.0.1", port, from }));
    expect(outcome).toMatchObject({ kind: "retry", reason: expect.stringContaining(`127.0.0.1:${port}`) });
  });

  test("that is cut before the greeting is tried again", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    running.push(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await mail(smtp({ host: "127.0.0.1", port, from }))).toMatchObject({ kind: "retry" });
  });

  test("that hangs is let go when the time is over", async () => {
    const { url, held, left } = await mailServer({ data: () => "hang" });
    const clock = manualClock();
    const provider = smtp({ url, from });
    const attempt = attemptSend(provider, email, { to, idempotencyKey: "m1", attempt: 1, metadata, clock });
    await held();
    await clock.advance(15_000);
    expect((await attempt).outcome.kind).toBe("retry");
    await left();
    await provider.close();
  });

  test("without TLS is not used when TLS is required", async () => {
    const { port, mails } = await mailServer();
    expect(await mail(smtp({ host: "127.0.0.1", port, user, password, from, requireTls: true }))).toMatchObject({
      kind: "retry",
    });
    expect(mails).toEqual([]);
  });

  test("is shared by many mails, each sent once", async () => {
    const { url, mails } = await mailServer();
    const provider = smtp({ url, from });
    const context = { to, attempt: 1, metadata, clock: manualClock() };
    const keys = Array.from({ length: 30 }, (_, index) => `m${index}`);
    await Promise.all(keys.map((idempotencyKey) => attemptSend(provider, email, { ...context, idempotencyKey })));
    await provider.close();
    expect(new Set(mails.map(({ parsed }) => parsed.messageId)).size).toBe(30);
    expect(mails.length).toBe(30);
  });
});
