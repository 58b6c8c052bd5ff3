import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { feedShape } from "../../src/api/rest/shapes/feed.ts";
import { FEED_ID, type SdkServer, startSdkServer } from "../sdk/support/server.ts";
import { notify } from "../sdk/support/settled.ts";
import { bundleForBrowser, launchBrowser, type ServedPage, servePage, type TestBrowser } from "../support/browser.ts";

let server: SdkServer;
let chromium: TestBrowser;
let served: ServedPage;

beforeAll(async () => {
  const entry = "test/browser/pages/knock-client.tsx";
  const bundle = { loader: { ".css": "text" }, define: { "process.env.CLIENT_PACKAGE_VERSION": '"test"' } } as const;
  let script: string;
  [server, chromium, script] = await Promise.all([startSdkServer(), launchBrowser(), bundleForBrowser(entry, bundle)]);
  served = await servePage({ script });
});

afterAll(async () => {
  await chromium.close();
  await served.close();
});

/** The state that the published store holds. */
interface State {
  total_count: number;
  unread_count: number;
  unseen_count: number;
  /** Text and whether it was read. */
  items: [text: string, read: boolean][];
}

/** Requests and sockets of a page, by origin. */
const origins = new Set<string>();

async function open(user: string): Promise<Page> {
  const hash = new URLSearchParams({
    host: server.url,
    key: server.publicKey,
    token: await server.tokenOf(user),
    feed: FEED_ID,
    user,
  });
  const page = await chromium.page();
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:") origins.add(origin);
  });
  page.on("websocket", (socket) => origins.add(new URL(socket.url()).origin));
  await page.goto(`${served.url}#${hash}`);
  return page;
}

const stateOf = async (page: Page): Promise<State> => JSON.parse(await page.locator("#state").innerText()) as State;

/** Waits until the published store holds this. */
const holds = async (page: Page, wanted: Partial<State>, within = 5_000): Promise<void> => {
  await expect.poll(() => stateOf(page), { timeout: within, interval: 20 }).toMatchObject(wanted);
};

const tellBy = (by: SdkServer, recipient: string, ...texts: string[]) =>
  Promise.all(
    texts.map((text) =>
      notify(by, {
        workflow: "new-comment",
        recipients: [recipient],
        actor: { id: "ada", name: "Ada" },
        data: { text },
      }),
    ),
  );

const tell = (recipient: string, ...texts: string[]) => tellBy(server, recipient, ...texts);

/** A person's feed as a server tells it. */
async function feedOn({ url, secretKey }: SdkServer, user: string) {
  const headers = { authorization: `Bearer ${secretKey}` };
  const answer = await fetch(`${url}/v1/users/${user}/feeds/${FEED_ID}`, { headers });
  return feedShape.parse(await answer.json());
}

/** Runs a method of the published feed client in the page. */
const call = (page: Page, method: string, text?: string) =>
  page.evaluate(
    ({ name, wanted }) => {
      type Item = { data: { text: string } };
      const { feed } = globalThis as unknown as {
        feed: Record<string, (item?: Item) => Promise<unknown>> & { getState(): { items: Item[] } };
      };
      return feed[name]!(feed.getState().items.find((item) => item.data.text === wanted));
    },
    { name: method, wanted: text },
  );

/** For people to look at, where a folder is named. */
async function picture(page: Page): Promise<void> {
  const { KNOCK_SCREENSHOTS: folder } = process.env;
  if (folder) await page.screenshot({ path: join(folder, "knock-client.png") });
}

test("the published feed is live, and what is marked stays marked", async () => {
  await tell("live", "first");
  const page = await open("live");
  await holds(page, { total_count: 1, unseen_count: 1, items: [["first", false]] });
  const badge = page.locator(".rnf-unseen-badge__count");
  await expect.poll(() => badge.innerText()).toBe("1");

  const began = performance.now();
  await tell("live", "second");
  await holds(
    page,
    {
      unseen_count: 2,
      items: [
        ["second", false],
        ["first", false],
      ],
    },
    1_000,
  );
  expect(performance.now() - began).toBeLessThan(1_000);
  await expect.poll(() => badge.innerText()).toBe("2");

  // Several at once: a client that is still fetching drops what it is told.
  await tell("live", "a", "b", "c", "d");
  await holds(page, { total_count: 6, unread_count: 6 });
  await expect.poll(async () => (await stateOf(page)).items.length).toBe(6);

  await page.locator(".rnf-notification-icon-button").click();
  await holds(page, { unseen_count: 0, unread_count: 6 });
  await expect.poll(() => badge.count()).toBe(0);
  const cells = page.locator(".rnf-notification-cell__content");
  await expect.poll(() => cells.count()).toBe(6);
  expect(await cells.last().innerHTML()).toBe("<p><strong>New comment</strong></p><p>first</p>");

  await picture(page);

  await call(page, "markAsRead", "first");
  await call(page, "markAsArchived", "second");
  await holds(page, { total_count: 5, unread_count: 4 });
  await page.reload();
  await holds(page, { total_count: 5, unread_count: 4, unseen_count: 0 });
  expect((await stateOf(page)).items.at(-1)).toEqual(["first", true]);
  await call(page, "markAllAsRead");
  await call(page, "markAsUnread", "a");
  await page.reload();
  await holds(page, { total_count: 5, unread_count: 1, unseen_count: 0 });
  await call(page, "markAllAsArchived");
  await page.reload();
  await holds(page, { total_count: 0, unread_count: 0, unseen_count: 0, items: [] });
  await page.context().close();
});

test("what is marked in one tab changes the counts of another", async () => {
  await tell("tabs", "x", "y");
  const [one, other] = [await open("tabs"), await open("tabs")];
  for (const page of [one, other]) await holds(page, { unread_count: 2 });
  await call(one, "markAsRead", "x");
  await holds(other, { unread_count: 1 });
  await one.context().close();
  await other.context().close();
});

test("a page comes back by itself after the server restarted, and has missed nothing", async () => {
  await tell("restart", "before");
  const page = await open("restart");
  await holds(page, { items: [["before", false]] });
  await tell("restart", "live");
  await holds(page, { total_count: 2 });
  await server.stop();
  // Another process works on while nobody answers the page.
  const other = await startSdkServer({ database: server.database });
  await tellBy(other, "restart", "meanwhile");
  await expect.poll(async () => (await feedOn(other, "restart")).meta.total_count).toBe(3);
  await other.stop();
  await server.restart();
  await holds(
    page,
    {
      unread_count: 3,
      items: [
        ["meanwhile", false],
        ["live", false],
        ["before", false],
      ],
    },
    20_000,
  );
  await tell("restart", "after");
  await holds(page, { unread_count: 4 });
  await page.context().close();
});

test("no page complained, and none talked to anybody else", () => {
  expect(chromium.problems.filter((problem) => !/ERR_CONNECTION_REFUSED/.test(problem))).toEqual([]);
  const { origin, host } = new URL(server.url);
  expect(origins).toEqual(new Set([new URL(served.url).origin, origin, `ws://${host}`]));
});
