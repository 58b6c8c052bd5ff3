import { afterAll, expect, test } from "vitest";
import { serveInboxDemo } from "../../demo/inbox/serve.ts";
import { launchBrowser } from "../support/browser.ts";

const opened: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(opened.map((one) => one.close())));

test("npm run demo:inbox shows two people side by side, each with what happens to them", async () => {
  const [demo, chromium] = await Promise.all([serveInboxDemo(), launchBrowser()]);
  opened.push(chromium, { close: demo.stop });
  const page = await chromium.page(demo.url);
  const [ada, ben] = [page.locator('[data-person="ada"]'), page.locator('[data-person="ben"]')];
  await ada.getByRole("button", { name: "Ben comments" }).click();
  await ada.getByRole("button", { name: "Notifications, 1 unread" }).click();
  await ada.getByRole("listitem").filter({ hasText: "Ben Okafor commented on" }).waitFor();
  await ben.getByRole("button", { name: "Preferences" }).click();
  await ben.getByRole("switch", { name: "Security: Email" }).waitFor();
  expect(await ben.getByRole("button", { name: "Notifications", exact: true }).count()).toBe(1);
  await ben.getByRole("button", { name: "30 comments" }).click();
  await ben.getByRole("button", { name: "Notifications, 30 unread" }).waitFor();
  expect(chromium.problems).toEqual([]);
});
