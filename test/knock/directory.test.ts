import { expect, test } from "vitest";
import { workflow } from "knock";
import { createTestKnock } from "knock/testing";
import { z } from "zod";

const news = workflow("news", { category: "news", data: z.object({}) }).inApp("feed", { body: "News!" });

test("users, lists and preferences are kept from the library as well, and rule who is told", async () => {
  await using test = await createTestKnock({ workflows: [news] });
  const { users, lists, preferences } = test.knock;
  expect(await users.upsertMany([{ id: "ada", name: "Ada" }, { id: "lin" }])).toEqual({
    ok: true,
    ids: ["ada", "lin"],
  });
  expect(await lists.addMembers({ list: "all", members: [{ userId: "ada" }, { userId: "lin" }] })).toMatchObject({
    added: 2,
  });
  await preferences.set({ of: { userId: "lin" }, preferences: { categories: { news: false } }, mode: "MERGE" });
  await test.notify(news, { lists: ["all"], data: {} });
  expect(test.sent("inApp").map(({ recipient }) => recipient)).toEqual(["ada"]);
  expect((await preferences.get("lin", null)).preferences).toEqual({ categories: { news: false } });
});

test("what is not acceptable is answered and stores nothing", async () => {
  await using test = await createTestKnock({ workflows: [news] });
  const { users, lists } = test.knock;
  expect(await users.upsert({ id: "", email: "nobody" })).toMatchObject({
    ok: false,
    error: { code: "INVALID_INPUT" },
  });
  expect(await lists.removeMembers({ list: "all", userIds: ["ada"] })).toMatchObject({
    ok: false,
    error: { code: "UNKNOWN_LIST" },
  });
  expect(await users.delete("ada")).toMatchObject({ ok: false, error: { code: "NOT_FOUND" } });
});

test("a key that no notification can have cancels nothing", async () => {
  await using test = await createTestKnock({ workflows: [news] });
  expect(await test.knock.cancel("\0")).toEqual({ notifications: [], runs: 0 });
  expect(await test.knock.engine.setWorkflowStatus("\0", "inactive")).toMatchObject({ code: "UNKNOWN_WORKFLOW" });
});
