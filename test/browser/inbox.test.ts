// The inbox as people have it: in a real Chromium, against a real server.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleForBrowser, launchBrowser, type ServedPage, servePage, type TestBrowser } from "../support/browser.ts";
import { createClient } from "../../src/client/index.ts";
import { type SdkServer, startSdkServer } from "../sdk/support/server.ts";
import { newComment } from "../sdk/support/workflows.ts";

let server: SdkServer;
let chromium: TestBrowser;
let served: ServedPage;
/** What the components must get along with. */
const policy =
  "default-src 'self'; style-src 'nonce-n0nce'; connect-src http://localhost:* http://127.0.0.1:*; img-src data:";

beforeAll(async () => {
  [server, chromium] = await Promise.all([startSdkServer(), launchBrowser()]);
  served = await servePage({
    script: await bundleForBrowser("test/browser/pages/inbox.tsx"),
    headers: { "content-security-policy": policy },
  });
  await server.knock.users.upsertMany([{ id: "grace", name: "Grace Hopper" }]);
});
afterAll(async () => {
  await chromium?.close();
  await served?.close();
});

let people = 0;
const somebody = () => `person-${++people}`;

/** Comments that somebody gets, and has got when this answers. */
async function comment(to: string, ...written: string[]): Promise<void> {
  const client = createClient({ url: server.url, apiKey: server.secretKey });
  const count = async () => (await client.feed(to, { first: 1 })).totalCount;
  const expected = (await count()) + written.length;
  for (const text of written) {
    const outcome = await server.knock.notify(newComment, { recipients: [to], actor: "grace", data: { text } });
    expect(outcome.ok).toBe(true);
  }
  await expect.poll(count, { interval: 20, timeout: 10_000 }).toBe(expected);
}

/** A page with somebody's inbox. */
async function inboxOf(user: string, more = "", options = {}): Promise<Page> {
  const page = await chromium.page(undefined, { viewport: { width: 900, height: 800 }, ...options });
  await page.exposeFunction("tokenOf", (id: string) => server.tokenOf(id));
  await page.goto(`${served.url}?url=${encodeURIComponent(server.url)}&key=${server.publicKey}&user=${user}${more}`);
  return page;
}

const bell = (page: Page, unread: number) =>
  page.getByRole("button", { name: unread === 0 ? "Notifications" : `Notifications, ${unread} unread`, exact: true });
const items = (page: Page) => page.getByRole("listitem");
const texts = (page: Page) => page.locator(".knock-item-body").allTextContents();
const tab = (page: Page, name: string) => page.getByRole("tab", { name: new RegExp(`^${name}`) });

/** Waits until everything that was asked of the feed has been told. */
async function sees(page: Page, expected: string[]): Promise<void> {
  await expect.poll(() => texts(page), { timeout: 8_000, interval: 20 }).toEqual(expected);
}

test("an item appears within a second, and two people see only their own", async () => {
  const [ada, ben] = [somebody(), somebody()];
  const [hers, his] = await Promise.all([inboxOf(ada), inboxOf(ben)]);
  await Promise.all([bell(hers, 0).click(), bell(his, 0).click()]);
  await Promise.all([hers, his].map((page) => page.getByText("You're all caught up").waitFor()));
  await bell(hers, 0).click();
  await comment(ada, "Ship it?");
  // It is in the feed by now; a second is what the page has to show it.
  await bell(hers, 1).waitFor({ timeout: 1_000 });
  await comment(ben, "Not yet.");
  await sees(his, ["Not yet."]);
  await bell(hers, 1).click();
  await sees(hers, ["Ship it?"]);
  expect(await hers.getByRole("status").first().textContent()).toBe("New notification: New comment. Ship it?");
});

test("what is read and archived stays so, and each tab shows its own", async () => {
  const ada = somebody();
  await comment(ada, "one");
  await comment(ada, "two");
  await comment(ada, "three");
  const page = await inboxOf(ada);
  await bell(page, 3).click();
  await sees(page, ["three", "two", "one"]);
  await items(page).nth(0).getByRole("link").click();
  await bell(page, 2).waitFor();
  await items(page).nth(1).hover();
  await items(page).nth(1).getByRole("button", { name: "Archive" }).click();
  await sees(page, ["three", "one"]);
  await bell(page, 1).waitFor();
  await tab(page, "Archived").click();
  await sees(page, ["two"]);
  await page.reload();
  await bell(page, 1).click();
  await sees(page, ["three", "one"]);
  await tab(page, "Unread").click();
  await sees(page, ["one"]);
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await page.getByText("Nothing unread").waitFor();
  await tab(page, "Archived").click();
  await sees(page, ["two"]);
  await items(page).nth(0).hover();
  await page.getByRole("button", { name: "Move back to inbox" }).click();
  await tab(page, "All").click();
  await sees(page, ["three", "two", "one"]);
});

test("scrolling brings everything, each item once", async () => {
  const ada = somebody();
  await comment(ada, ...Array.from({ length: 35 }, (_, index) => `comment ${index}`));
  const page = await inboxOf(ada);
  await bell(page, 35).click();
  await items(page).nth(9).waitFor();
  await expect
    .poll(
      async () => {
        await page.locator(".knock-scroll").evaluate((scroll) => scroll.scrollTo(0, scroll.scrollHeight));
        return items(page).count();
      },
      { timeout: 8_000 },
    )
    .toBe(35);
  expect(new Set(await texts(page)).size).toBe(35);
  await page.getByText("That's everything").waitFor();
});

test("the keyboard alone is enough", async () => {
  const ada = somebody();
  for (const text of ["one", "two", "three"]) await comment(ada, text);
  const page = await inboxOf(ada);
  const focused = () =>
    page.evaluate("document.activeElement.closest('.knock-item')?.textContent ?? document.activeElement.textContent");
  await bell(page, 3).waitFor();
  await page.getByRole("button", { name: "before" }).focus();
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press("Tab", "Enter");
  await sees(page, ["three", "two", "one"]);
  await press("Tab", "Tab", "Tab");
  expect(await focused()).toBe("All");
  await press("Tab");
  expect(await focused()).toContain("three");
  await press("ArrowDown");
  expect(await focused()).toContain("two");
  // Mark as read, then archive: the keyboard goes on with what takes the place.
  await press("Tab", "Tab", "Enter");
  await sees(page, ["three", "one"]);
  await expect.poll(focused).toContain("one");
  await press("Enter");
  await bell(page, 1).waitFor();
  await press("Escape");
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(await page.evaluate("document.activeElement.className")).toBe("knock-bell");
});

test("nothing is missed or doubled while the server was away, and offline marks are undone", async () => {
  const ada = somebody();
  await comment(ada, "before");
  const page = await inboxOf(ada);
  await bell(page, 1).click();
  await sees(page, ["before"]);
  await page.context().setOffline(true);
  await items(page).nth(0).hover();
  await page.getByRole("button", { name: "Mark as read" }).click();
  await bell(page, 1).waitFor();
  await page.context().setOffline(false);
  await server.restart();
  await comment(ada, "after");
  await sees(page, ["after", "before"]);
  await bell(page, 2).waitFor();
  await comment(ada, "later");
  await sees(page, ["later", "after", "before"]);
});

test("a switch that is turned stays turned, and what is required cannot be", async () => {
  const page = await inboxOf(somebody(), "&preferences");
  const email = page.getByRole("switch", { name: "Account: Email" });
  await email.click();
  await expect.poll(() => email.getAttribute("aria-checked")).toBe("false");
  await page.waitForFunction("performance.getEntriesByType('resource').length > 0");
  await expect
    .poll(async () => {
      await page.reload();
      return email.getAttribute("aria-checked");
    })
    .toBe("false");
  expect(await page.getByRole("switch", { name: "Account: In-app" }).getAttribute("aria-checked")).toBe("true");
});

test("assistive technology is told what is what", async () => {
  const ada = somebody();
  await comment(ada, "Ship it?");
  const page = await inboxOf(ada);
  const open = bell(page, 1);
  await open.waitFor();
  expect(await open.getAttribute("aria-expanded")).toBe("false");
  await open.click();
  await sees(page, ["Ship it?"]);
  expect(await open.getAttribute("aria-expanded")).toBe("true");
  const tree = await page.getByRole("dialog", { name: "Notifications" }).ariaSnapshot();
  expect(tree.replaceAll(/- time: .*/g, "- time: …").replaceAll(/comments: .*/g, "…")).toMatchInlineSnapshot(`
    "- dialog "Notifications":
      - banner:
        - heading "Notifications" [level=2]
        - button "Mark all as read"
        - button "Close"
      - tablist "Notifications":
        - tab "All" [selected]
        - tab "Unread 1"
        - tab "Archived"
      - tabpanel "All":
        - list:
          - listitem:
            - 'link "Unread: New comment Ship it? now"':
              - /url: /comments
              - text: "Unread: New comment Ship it?"
              - time: …
            - button "Mark as read"
            - button "Archive"
        - paragraph: That's everything"
  `);
  expect(await page.getByRole("tabpanel", { name: "All" }).count()).toBe(1);
});

test("no page complained", () => {
  // What a browser says itself of a network that is away.
  expect(chromium.problems.filter((problem) => !/net::ERR_|Failed to load resource/.test(problem))).toEqual([]);
});
