// The pages behind signed links, in a browser without scripts, in front of a real server.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createPages } from "../../src/api/pages/pages.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { unsubscribeUrl } from "../../src/engine/links/links.ts";
import { createApp } from "../../src/server/app.ts";
import { launchBrowser, type TestBrowser } from "../support/browser.ts";
import { testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven } from "../support/engine.ts";

const data = z.object({});
const handles = [
  workflow("comment", { name: "New comment", category: "Team", data })
    .email("mail", { subject: "s", body: "b" })
    .inApp("feed", { body: "b" }),
  workflow("reset", { name: "Password reset", required: true, category: "Security", data }).email("mail", {
    subject: "s",
    body: "b",
  }),
  workflow("offers", { name: "Offers", commercial: true, data }).email("mail", { subject: "s", body: "b" }),
];

let driven: Driven;
let browser: TestBrowser;
let server: ReturnType<typeof createApp>;
const without = { javaScriptEnabled: false };

beforeAll(async () => {
  const links = { url: "http://localhost", secrets: ["a secret of thirty-two characters or more"] };
  driven = await drive({ database: await testDatabase(), handles, links });
  const { context } = driven.knock.engine;
  server = createApp({
    graphql: null,
    pages: createPages(context),
    ready: async () => null,
    startPage: null,
    // As without keys: forms of its own pages must pass.
    loopbackOnly: true,
    clock: driven.clock,
    logger: silentLogger,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.links!.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await driven.knock.users.upsert({ id: "ada", email: "ada@example.com" });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

/** The mails of a workflow that one more notification leads to. */
async function mails(key: string): Promise<number> {
  const before = captured(driven, "email").messages.length;
  accepted(await driven.knock.engine.notify({ workflow: key, recipients: ["ada"] }));
  await driven.settle();
  return captured(driven, "email").messages.length - before;
}

test("a person turns a switch, saves it, finds it so again, and gets no such mail any more", async () => {
  const page = await browser.page(driven.knock.links.preferences("ada")!, without);
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  const mail = page.getByRole("checkbox", { name: "New comment by e-mail" });
  const locked = page.getByRole("checkbox", { name: "Password reset by e-mail" });
  expect([await mail.isChecked(), await locked.isDisabled()]).toEqual([true, true]);
  expect(await mails("comment")).toBe(1);

  // By keyboard alone.
  await mail.focus();
  await page.keyboard.press("Space");
  await page.getByLabel("News and offers").uncheck();
  await page.getByRole("button", { name: "Save preferences" }).press("Enter");
  await page.getByRole("status").getByText("Your preferences are saved.").waitFor();
  expect(await mail.isChecked()).toBe(false);

  const again = await browser.page(driven.knock.links.preferences("ada")!, without);
  expect(await again.getByRole("checkbox", { name: "New comment by e-mail" }).isChecked()).toBe(false);
  expect(await again.getByLabel("News and offers").isChecked()).toBe(false);
  expect(await again.getByRole("checkbox", { name: "New comment in the app" }).isChecked()).toBe(true);
  expect([await mails("comment"), await mails("offers"), await mails("reset")]).toEqual([0, 0, 1]);
});

test("a switch that another one overrules is dimmed while it is, before anything is saved", async () => {
  await driven.knock.preferences.set({ of: { userId: "ada" }, preferences: {} });
  const page = await browser.page(driven.knock.links.preferences("ada")!, without);
  const mail = page.getByRole("checkbox", { name: "New comment by e-mail" });
  const opacity = () => mail.evaluate((element) => getComputedStyle(element).opacity);
  expect(await opacity()).toBe("1");
  await page.getByRole("checkbox", { name: "All of Team by e-mail" }).uncheck();
  expect(await opacity()).toBe("0.35");
});

test("unsubscribing is one button, and so is undoing it", async () => {
  await driven.knock.preferences.set({ of: { userId: "ada" }, preferences: {} });
  const link = { userId: "ada", tenantId: null, workflow: "comment", channelType: "email", commercial: false } as const;
  const page = await browser.page(unsubscribeUrl(driven.knock.engine.context.links!, link), without);
  expect(await mails("comment")).toBe(1);
  await page.getByRole("button", { name: "Unsubscribe" }).click();
  await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
  expect(await mails("comment")).toBe(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("heading", { name: "Unsubscribe?" }).waitFor();
  expect(await mails("comment")).toBe(1);
  await page.getByRole("link", { name: "All notification preferences" }).click();
  await page.getByRole("heading", { name: "Notification preferences" }).waitFor();
});

test("on a phone nothing is wider than the screen, and browsers have nothing to complain about", async () => {
  const phone = { ...without, viewport: { width: 360, height: 740 } };
  const page = await browser.page(driven.knock.links.preferences("ada")!, phone);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(browser.problems).toEqual([]);
});
