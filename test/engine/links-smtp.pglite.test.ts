// What a real mail server receives: headers are folded by the mailer, and must come out of it as they went in.
import { expect, test } from "vitest";
import { z } from "zod";
import { smtp } from "../../src/channels/providers/smtp.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { readUnsubscribeLink } from "../../src/engine/links/token.ts";
import { testDatabase } from "../support/database.ts";
import { accepted, drive } from "../support/engine.ts";
import { startMailServer } from "../support/mail-server.ts";

const secret = "a secret of thirty-two characters or more";
const digest = workflow("digest", { data: z.object({}) }).email("mail", { subject: "s", body: "b" });

test("the headers arrive whole, whatever the length of the link", async () => {
  const server = await startMailServer({ user: "u", password: "p" });
  const provider = smtp({ url: server.url, from: "Acme <hello@example.com>" });
  const driven = await drive({
    database: await testDatabase(),
    handles: [digest],
    links: { url: "https://notify.example.com", secrets: [secret] },
    providers: { email: provider },
  });
  const ids = ["u1", "0f6c1f4e-6c1a-4b63-9d1c-2f7c62a5a7b1", "x".repeat(256)];
  try {
    accepted(
      await driven.knock.engine.notify({
        workflow: "digest",
        recipients: ids.map((id) => ({ id, email: "ada@example.com" })),
        tenant: "acme",
      }),
    );
    await driven.settle();
    expect(server.mails).toHaveLength(ids.length);
    const reached = server.mails.map(({ raw, parsed }) => {
      const header = /^List-Unsubscribe:((?:.*\r?\n[ \t])*.*)$/m.exec(raw)![1]!;
      // A folded header is read without its line breaks; nothing else may have come into the address.
      const url = header.replaceAll(/\r?\n[ \t]/g, " ").trim();
      expect(url).toMatch(/^<https:\/\/notify\.example\.com\/unsubscribe\/[\w-]+>$/);
      expect(Math.max(...raw.split(/\r?\n/).map((line) => line.length))).toBeLessThanOrEqual(998);
      expect(parsed.headerLines.find(({ key }) => key === "list-unsubscribe-post")?.line).toBe(
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
      );
      return readUnsubscribeLink([secret], url.slice("<https://notify.example.com/unsubscribe/".length, -1))?.userId;
    });
    expect(reached.toSorted()).toEqual(ids.toSorted());
  } finally {
    await provider.close();
    server.close();
  }
});
