import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { retry, sent } from "../../src/channels/outcome.ts";
import { capture } from "../../src/channels/providers/capture.ts";
import { liquid } from "../../src/definition/content.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { readPreferencesLink, readUnsubscribeLink } from "../../src/engine/links/token.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, START } from "../support/engine.ts";
import { messagesOf } from "../support/inspect.ts";

const data = z.object({});
const secret = "a secret of thirty-two characters or more";
const links = { url: "https://notify.example.com/", secrets: [secret] };

const digest = workflow("digest", { name: "Weekly digest", data }).email("mail", { subject: "s", body: "b" });
const offers = workflow("offers", { commercial: true, data }).email("mail", { subject: "s", body: "b" });
const reset = workflow("reset", { required: true, data }).email("mail", { subject: "s", body: "b" });
const linked = workflow("linked", { data })
  .email("mail", {
    subject: "s",
    text: liquid("{{ links.preferences }}\n{{ links.unsubscribe }}"),
    html: ({ links: given }) => `<a href="${given.unsubscribe}">Unsubscribe</a>`,
  })
  .sms("text", { body: ({ links: given }) => given.unsubscribe });
const handles = [digest, offers, reset, linked];

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

type Call = { id?: string; tenant?: string };

/** Notifies one person, and gives what was sent. */
async function notified(key: string, { id = "ada", tenant }: Call = {}, options: { links?: typeof links } = { links }) {
  const driven = await drive({ database, handles, ...options });
  const recipient = { id, email: "ada@example.com", phoneNumber: "+41790000000" };
  accepted(await driven.knock.engine.notify({ workflow: key, recipients: [recipient], ...(tenant ? { tenant } : {}) }));
  await driven.settle();
  const mail = captured(driven, "email").messages[0]!.message;
  const text = captured(driven, "sms").messages[0]?.message.body;
  return { driven, mail, headers: mail.headers, text };
}

const tokenIn = (url: string | undefined, page: string) =>
  url?.replace(`https://notify.example.com/${page}/`, "").replaceAll(/[<>]/g, "") ?? "";

describe("the headers of mails (RFC 8058)", () => {
  test("a mail says where to unsubscribe with one click: its reader, workflow, tenant and channel type", async () => {
    const { headers } = await notified("digest", { tenant: "acme" });
    expect(headers["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
    expect(headers["List-Unsubscribe"]).toMatch(/^<https:\/\/notify\.example\.com\/unsubscribe\/[\w-]+>$/);
    expect(readUnsubscribeLink([secret], tokenIn(headers["List-Unsubscribe"], "unsubscribe"))).toEqual({
      userId: "ada",
      tenantId: "acme",
      workflow: "digest",
      channelType: "email",
      commercial: false,
    });
  });

  test("a mail of a commercial workflow says that it is one", async () => {
    const { headers } = await notified("offers");
    const said = readUnsubscribeLink([secret], tokenIn(headers["List-Unsubscribe"], "unsubscribe"));
    expect(said).toMatchObject({ workflow: "offers", tenantId: null, commercial: true });
  });

  test("a mail that nobody may refuse has none, nor has any without links in the config", async () => {
    expect((await notified("reset")).headers).toEqual({});
    expect((await notified("digest", { id: "bea" }, {})).headers).toEqual({});
  });

  test("they are not stored with the message", async () => {
    await notified("digest");
    const [stored] = await messagesOf(database);
    expect(stored!.content).toMatchObject({ subject: "s", headers: {} });
  });

  test("a link that is too long for the line of a header is left out, and the mail goes out", async () => {
    expect((await notified("digest", { id: "🦊".repeat(256) })).headers).toEqual({});
  });

  test("every try of a message has the same ones", async () => {
    const email = capture("email", { answer: ({ attempt }) => (attempt < 3 ? retry("later") : sent()) });
    const driven = await drive({ database, handles, links, providers: { email } });
    accepted(await driven.knock.engine.notify({ workflow: "digest", recipients: [{ id: "ada", email: "a@b.ch" }] }));
    await driven.advance("1h");
    expect(email.messages).toHaveLength(3);
    expect(new Set(email.messages.map(({ message }) => message.headers["List-Unsubscribe"])).size).toBe(1);
    expect(email.messages[2]!.message.headers["List-Unsubscribe"]).toContain("/unsubscribe/");
  });

  test("while secrets change, the first one signs", async () => {
    const secrets = [`new ${secret}`, secret];
    const { headers } = await notified("digest", {}, { links: { ...links, secrets } });
    const token = tokenIn(headers["List-Unsubscribe"], "unsubscribe");
    expect(readUnsubscribeLink([secrets[0]!], token)).not.toBeNull();
  });
});

describe("links in content", () => {
  test("templates and functions read them; each is about the channel type of its own step", async () => {
    const { mail, text } = await notified("linked", { tenant: "acme" });
    const [page, unsubscribe] = mail.text.split("\n");
    expect(readPreferencesLink([secret], tokenIn(page, "preferences"), START)).toEqual({
      userId: "ada",
      tenantId: "acme",
    });
    expect(mail.html).toBe(`<a href="${unsubscribe}">Unsubscribe</a>`);
    expect(mail.headers["List-Unsubscribe"]).toBe(`<${unsubscribe}>`);
    expect(readUnsubscribeLink([secret], tokenIn(text, "unsubscribe"))).toMatchObject({ channelType: "sms" });
  });

  test("without links in the config they are empty, and nothing breaks", async () => {
    const { mail, text } = await notified("linked", {}, {});
    expect([mail.text, mail.html, text]).toEqual(["\n", '<a href="">Unsubscribe</a>', ""]);
  });

  test("a simulation shows where they would be, and none that opens anything", async () => {
    const { knock } = await drive({ database, handles, links });
    const outcome = await knock.simulate(linked, { recipients: [{ id: "ada", email: "a@b.ch" }], data: {} });
    if (!outcome.ok) throw outcome.error;
    const { content } = outcome.simulation.courses[0]!.messages[0]!;
    expect(content.text).toBe(
      "https://notify.example.com/preferences/EXAMPLE\nhttps://notify.example.com/unsubscribe/EXAMPLE",
    );
  });

  test("the library makes links to the page, for an app's own mails; none without links in the config", async () => {
    const { knock } = await drive({ database, handles, links });
    const url = knock.links.preferences("ada", { tenant: "acme" })!;
    expect(readPreferencesLink([secret], tokenIn(url, "preferences"), START)).toEqual({
      userId: "ada",
      tenantId: "acme",
    });
    const plain = await drive({ database, handles });
    expect(plain.knock.links.preferences("ada")).toBeNull();
  });
});
