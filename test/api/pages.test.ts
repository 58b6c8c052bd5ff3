import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { createPages } from "../../src/api/pages/pages.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { preferencesUrl, unsubscribeUrl } from "../../src/engine/links/links.ts";
import type { Database } from "../../src/store/database.ts";
import { findPreferenceSet } from "../../src/store/preference-sets.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { drive, type Driven } from "../support/engine.ts";
import { ask, fingerprints } from "../support/inspect.ts";

const links = { url: "http://localhost", secrets: ["a secret of thirty-two characters or more"] };
const data = z.object({});
const handles = [
  workflow("comment", { name: "New comment", category: ["Team & talk", "important"], data })
    .email("mail", { subject: "s", body: "b" })
    .inApp("feed", { body: "b" }),
  workflow("reset", { name: "Password reset", required: true, category: "account-security", data }).email("mail", {
    subject: "s",
    body: "b",
  }),
  workflow("offers", { name: "Offers", commercial: true, data }).email("mail", { subject: "s", body: "b" }),
  workflow("hostile", { name: `<script>alert("1")</script>`, description: "a & b", data }).sms("text", { body: "b" }),
];

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

interface Pages {
  driven: Driven;
  /** Addresses of Ada's pages. */
  page: (tenantId?: string) => string;
  unsubscribe: (workflow?: string) => string;
  get(url: string): Promise<Response>;
  post(url: string, form?: Record<string, string | string[]> | null): Promise<Response>;
}

async function pages(): Promise<Pages> {
  const driven = await drive({ database, handles, links });
  await driven.knock.users.upsert({ id: "ada" });
  const answer = createPages(driven.knock.engine.context)!;
  const body = (form: Record<string, string | string[]>) =>
    new URLSearchParams(
      Object.entries(form).flatMap(([name, values]) => [values].flat().map((value) => [name, value])),
    );
  return {
    driven,
    page: (tenantId) => preferencesUrl(links, { userId: "ada", tenantId: tenantId ?? null }, driven.clock.now()),
    unsubscribe: (key = "comment") =>
      unsubscribeUrl(links, { userId: "ada", tenantId: null, workflow: key, channelType: "email", commercial: false }),
    get: (url) => answer(new Request(url)),
    post: (url, form = null) => answer(new Request(url, { method: "POST", ...(form && { body: body(form) }) })),
  };
}

const ownSet = () => findPreferenceSet(database.db, { userId: "ada" });

/** The form as a browser would send it without any change. */
function formOf(markup: string): { "was-on": string; "was-off": string; on: string[] } {
  const hidden = (name: string) =>
    new RegExp(`name="${name}"\\s+value="([^"]*)"`).exec(markup)![1]!.replaceAll("&amp;", "&");
  const boxes = markup.matchAll(/<input\s+type="checkbox"([^>]*)>/g);
  const on = [...boxes].flatMap(([, attributes]) =>
    /\schecked/.test(attributes!) && !/\sdisabled/.test(attributes!) ? [/value="([^"]*)"/.exec(attributes!)![1]!] : [],
  );
  return { "was-on": hidden("was-on"), "was-off": hidden("was-off"), on };
}

describe("the page of preferences", () => {
  test("shows every workflow with its switches; what is required is locked and says so", async () => {
    const { get, page } = await pages();
    const answer = await get(page());
    expect(answer.status).toBe(200);
    const markup = await answer.text();
    expect(markup).toContain("New comment");
    expect(markup).toContain("<h2>Account security</h2>");
    expect(markup).toContain("Also in Important");
    expect(markup).toMatch(/Password reset\s*<span class="tag">Always sent<\/span>/);
    expect(markup).toMatch(/aria-label="Password reset by e-mail"[^>]*checked disabled/);
    expect(markup).toMatch(/aria-label="New comment by e-mail"[^>]*checked\s*\/>/);
    expect(markup).toContain("&lt;script&gt;");
    expect(markup).not.toContain("<script");
  });

  test("what a person turns is stored, and nothing else", async () => {
    const { get, post, page } = await pages();
    const form = formOf(await (await get(page())).text());
    const on = form.on.filter((id) => id !== "workflows/comment/email" && id !== "commercial");
    const answer = await post(page(), { ...form, on });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, expect.stringMatching(/^[\w-]+\?saved$/)]);
    expect(await ownSet()).toEqual({
      workflows: { comment: { channelTypes: { email: false } } },
      commercialSubscribed: false,
    });
    const after = await (await get(`${page()}?saved`)).text();
    expect(after).toContain("Your preferences are saved.");
    expect(formOf(after).on).not.toContain("workflows/comment/email");
  });

  test("a form that was opened before somebody else changed something changes only what was turned in it", async () => {
    const { driven, get, post, page } = await pages();
    const form = formOf(await (await get(page())).text());
    await driven.knock.preferences.set({ of: { userId: "ada" }, preferences: { channelTypes: { sms: false } } });
    await post(page(), { ...form, on: form.on.filter((id) => id !== "categories/Team%20%26%20talk/inApp") });
    expect(await ownSet()).toEqual({
      channelTypes: { sms: false },
      categories: { "Team & talk": { channelTypes: { inApp: false } } },
    });
  });

  test("one switch for a whole workflow becomes one for each channel type, and the others stay", async () => {
    const { driven, get, post, page } = await pages();
    await driven.knock.preferences.set({ of: { userId: "ada" }, preferences: { workflows: { comment: false } } });
    const form = formOf(await (await get(page())).text());
    await post(page(), { ...form, on: [...form.on, "workflows/comment/inApp"] });
    expect(await ownSet()).toMatchObject({ workflows: { comment: { channelTypes: { inApp: true, email: false } } } });
  });

  test("switches that cannot be turned, or are not there, stay whatever is sent", async () => {
    const { get, post, page } = await pages();
    const form = formOf(await (await get(page())).text());
    const forged = ["workflows/reset/email", "workflows/gone/email", "workflows/comment/fax", "__proto__", "x"];
    const answer = await post(page(), { ...form, "was-on": [form["was-on"], ...forged].join(" ") });
    expect(answer.status).toBe(303);
    expect(await ownSet()).toBeNull();
    expect((await post(page())).status).toBe(303);
  });

  test("for a tenant it is in the tenant's colours, and changes the set that counts there", async () => {
    const { driven, get, post, page } = await pages();
    const branding = { primary_color: "#E8590C", logo_url: "https://cdn.example.com/logo.png?a=1&b=2" };
    await driven.knock.preferences.set({ of: { tenantId: "acme" }, preferences: { channelTypes: { sms: true } } });
    await ask(
      database,
      sql`insert into knock.tenants (id, name, settings, created_at, updated_at) values ('acme', 'Acme "Rockets"', ${JSON.stringify({ branding })}::text::jsonb, now(), now())`,
    );
    const answer = await get(page("acme"));
    const markup = await answer.text();
    expect(markup).toContain("Choose what Acme &quot;Rockets&quot; sends you, and how.");
    expect(markup).toContain('src="https://cdn.example.com/logo.png?a=1&amp;b=2"');
    expect(markup).toContain("--accent: #e8590c");
    expect(answer.headers.get("content-security-policy")).toContain("img-src https://cdn.example.com;");
    const form = formOf(markup);
    await post(page("acme"), { ...form, on: form.on.filter((id) => id !== "workflows/comment/email") });
    expect(await findPreferenceSet(database.db, { userId: "ada", tenantId: "acme" })).toMatchObject({
      workflows: { comment: { channelTypes: { email: false } } },
    });
    expect(await ownSet()).toBeNull();
  });

  test.each([
    ["red; } body { display: none", "https://cdn.example.com/x"],
    ["#12345", "javascript:alert(1)"],
    [7, "http://cdn.example.com/logo.png"],
    [{ a: 1 }, `https://cdn.example.com/"onerror="alert(1)`],
  ])("a colour %j is no colour; only an address over TLS is a logo", async (color, url) => {
    const { get, page } = await pages();
    const settings = JSON.stringify({ branding: { primary_color: color, logo_url: url } });
    await ask(
      database,
      sql`insert into knock.tenants (id, settings, created_at, updated_at) values ('acme', ${settings}::text::jsonb, now(), now())`,
    );
    const markup = await (await get(page("acme"))).text();
    expect(markup).toContain("--accent: #3b5bdb");
    expect(markup).not.toContain("display: none }");
    expect(markup).not.toMatch(/javascript:|http:\/\/cdn|"onerror/);
  });
});

describe("unsubscribing", () => {
  test("opening the link changes nothing: programs that look for harmful links open them all", async () => {
    const { get, unsubscribe, page } = await pages();
    const before = await fingerprints(database);
    const answer = await get(unsubscribe());
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("You will get no more e-mails “New comment”.");
    await get(page());
    expect(await fingerprints(database)).toEqual(before);
  });

  test.each<[string, Record<string, string> | null]>([
    ["as a mail program does (RFC 8058)", { "List-Unsubscribe": "One-Click" }],
    ["without a body", null],
  ])("one click %s is answered at once, and again", async (_name, form) => {
    const { post, unsubscribe } = await pages();
    for (let round = 0; round < 2; round++) {
      const answer = await post(unsubscribe(), form);
      expect([answer.status, answer.headers.get("set-cookie")]).toEqual([200, null]);
      expect(await answer.text()).toContain("You are unsubscribed");
      expect(await ownSet()).toEqual({ workflows: { comment: { channelTypes: { email: false } } } });
    }
  });

  test("a form with several parts counts, too", async () => {
    const { driven, unsubscribe } = await pages();
    const body = new FormData();
    body.set("List-Unsubscribe", "One-Click");
    const answer = await createPages(driven.knock.engine.context)!(
      new Request(unsubscribe(), { method: "POST", body }),
    );
    expect(answer.status).toBe(200);
    expect(await ownSet()).not.toBeNull();
  });

  test("the button leads back to the page, which has an undo button and a link to all preferences", async () => {
    const { get, post, unsubscribe } = await pages();
    const stopped = await post(unsubscribe(), { action: "stop" });
    expect(stopped.status).toBe(303);
    const markup = await (await get(new URL(stopped.headers.get("location")!, unsubscribe()).href)).text();
    expect(markup).toContain("You are unsubscribed");
    const path = /href="([^"]*)"/.exec(markup)![1]!;
    expect((await get(new URL(path, unsubscribe()).href)).status).toBe(200);
    await post(unsubscribe(), { action: "undo" });
    expect(await (await get(unsubscribe())).text()).toContain("Unsubscribe?");
  });

  test("what is always sent says so, without a button", async () => {
    const { get, unsubscribe } = await pages();
    const markup = await (await get(unsubscribe("reset"))).text();
    expect(markup).toContain("You cannot unsubscribe from e-mails “Password reset”.");
    expect(markup).not.toContain("<button");
  });

  test("of a commercial workflow: all news and offers", async () => {
    const { get, post, unsubscribe } = await pages();
    expect(await (await get(unsubscribe("offers"))).text()).toContain("You will get no more news and offers.");
    await post(unsubscribe("offers"));
    expect(await ownSet()).toEqual({ commercialSubscribed: false });
  });
});

describe("links that open nothing", () => {
  test("look all the same, whatever is wrong with them", async () => {
    const { driven, get, post, page, unsubscribe } = await pages();
    const other = { url: links.url, secrets: ["another secret of thirty-two characters or more"] };
    const unknown = preferencesUrl(links, { userId: "nobody", tenantId: null }, driven.clock.now());
    const urls = [
      `${unsubscribe()}x`,
      unsubscribe().replace("/unsubscribe/", "/preferences/"),
      page().replace("/preferences/", "/unsubscribe/"),
      preferencesUrl(other, { userId: "ada", tenantId: null }, driven.clock.now()),
      preferencesUrl(links, { userId: "ada", tenantId: null }, new Date(0)),
      unknown,
      `${links.url}/preferences/EXAMPLE`,
      `${links.url}/preferences/`,
      `${links.url}/unsubscribe/a/b`,
      `${links.url}/unsubscribe/%00%ff`,
    ];
    const before = await fingerprints(database);
    const answers = await Promise.all(urls.flatMap((url) => [get(url), post(url, { on: "commercial" })]));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    expect(await fingerprints(database)).toEqual(before);
  });

  test("of somebody who was deleted: the page is gone, and unsubscribing answers as ever", async () => {
    const { driven, get, post, page, unsubscribe } = await pages();
    await driven.knock.users.delete("ada");
    expect((await get(page())).status).toBe(404);
    expect((await post(page(), { on: [] })).status).toBe(404);
    expect((await post(unsubscribe())).status).toBe(200);
    expect(await ownSet()).toBeNull();
  });

  test("methods that the pages do not have", async () => {
    const { driven, page } = await pages();
    const answer = await createPages(driven.knock.engine.context)!(new Request(page(), { method: "DELETE" }));
    expect(answer.status).toBe(405);
  });

  test("there are no pages without links in the config", async () => {
    const { knock } = await drive({ database, handles });
    expect(createPages(knock.engine.context)).toBeNull();
  });
});

test("browsers keep nothing of a page, run nothing in it, and tell nobody its address", async () => {
  const { get, page, unsubscribe } = await pages();
  for (const url of [page(), unsubscribe(), `${page()}x`]) {
    const { headers } = await get(url);
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "x-robots-tag": "noindex, nofollow",
    });
    const policy = headers.get("content-security-policy")!;
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; img-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
  }
});
