// Tenants with the SDKs that teams have, each of their methods.
import { Knock as KnockV1 } from "@knocklabs/node";
import { Knock as Knock06 } from "knock-node-0-6";
import { beforeAll, describe, expect, test } from "vitest";
import { type SdkServer, startSdkServer } from "./support/server.ts";

let server: SdkServer;
let v1: KnockV1;
let v06: Knock06;
beforeAll(async () => {
  server = await startSdkServer({ config: { preferences: { channelTypes: { sms: false } } } });
  v1 = new KnockV1({ apiKey: server.secretKey, baseURL: server.url, maxRetries: 0 });
  v06 = new Knock06(server.secretKey, { host: server.url });
});

const branding = { primary_color: "#DF1A22", logo_url: "https://example.com/logo.png" };

test("0.6: every method", async () => {
  expect(await v06.tenants.set("ingen", { name: "InGen", plan: "pro", settings: { branding } })).toMatchObject({
    __typename: "Tenant",
    id: "ingen",
    name: "InGen",
    plan: "pro",
    settings: { branding, preference_set: null },
  });
  await v06.tenants.set("ingen", { settings: { branding: { primary_color: "#000" } } });
  expect(await v06.tenants.get("ingen")).toMatchObject({
    name: "InGen",
    plan: "pro",
    settings: { branding: { ...branding, primary_color: "#000" } },
  });
  await v06.tenants.set("biosyn", { name: "BioSyn" });
  const { entries, page_info: info } = await v06.tenants.list({ page_size: 1 });
  expect(entries).toMatchObject([{ id: "biosyn" }]);
  expect((await v06.tenants.list({ page_size: 1, after: info.after! })).entries).toMatchObject([{ id: "ingen" }]);
  await v06.tenants.delete("biosyn");
  await v06.tenants.delete("ingen");
  await expect(v06.tenants.get("ingen")).rejects.toThrow();
});

describe("1.x", () => {
  test("every method", async () => {
    const many = Array.from({ length: 70 }, (_, index) => ({
      id: `t${String(index).padStart(2, "0")}`,
      name: `T${index}`,
    }));
    const bulk = await v1.tenants.bulk.set({ tenants: [...many, "named"] });
    expect(bulk).toMatchObject({ status: "completed", success_count: 71 });
    expect(await v1.bulkOperations.get(bulk.id)).toEqual(bulk);
    const ids: string[] = [];
    for await (const { id } of v1.tenants.list()) ids.push(id);
    expect(ids).toEqual(["named", ...many.map(({ id }) => id)]);
    expect((await v1.tenants.list({ name: "T7" })).entries).toMatchObject([{ id: "t07" }]);
    expect((await v1.tenants.list({ tenant_id: "t08" })).entries).toMatchObject([{ name: "T8" }]);
    expect(await v1.tenants.bulk.delete({ tenant_ids: ids.slice(1) })).toMatchObject({
      status: "completed",
      success_count: 70,
    });
    expect((await v1.tenants.list()).entries).toMatchObject([{ id: "named", name: null }]);
    await v1.tenants.delete("named");
    await expect(v1.tenants.get("named")).rejects.toMatchObject({ status: 404 });
    await expect(v1.tenants.delete("named")).rejects.toMatchObject({ status: 404 });
  });

  test("default preferences are merged, replaced and removed, and count for messages", async () => {
    const set = (preference_set: object | null) =>
      v1.tenants.set("acme", { settings: { preference_set: preference_set as never } });
    expect(await set({ channel_types: { email: false } })).toMatchObject({
      settings: { branding: null, preference_set: { id: "default", channel_types: { email: false } } },
    });
    const merged = await set({ workflows: { "new-comment": false } });
    expect(merged.settings?.preference_set).toMatchObject({
      channel_types: { email: false },
      workflows: { "new-comment": false },
    });
    const asked = { resolve_full_preference_settings: true };
    const resolved = await v1.tenants.get("acme", asked);
    expect(resolved.settings?.preference_set).toMatchObject({ channel_types: { email: false, sms: false } });
    const put = await v1.tenants.set("acme", { name: "Acme", ...asked });
    expect(put.settings?.preference_set).toMatchObject({ channel_types: { email: false, sms: false } });
    expect((await v1.tenants.get("acme")).settings?.preference_set?.channel_types).toEqual({ email: false });
    const of = await server.knock.preferences.get("ada", "acme");
    expect(of.sets).toMatchObject([
      { layer: "tenant", preferences: { workflows: { "new-comment": false } } },
      { layer: "environment" },
    ]);
    const replaced = await set({ __persistence_strategy__: "replace", categories: { account: false } });
    expect(replaced.settings?.preference_set).toMatchObject({
      channel_types: {},
      workflows: {},
      categories: { account: false },
    });
    expect((await set(null)).settings?.preference_set).toBeNull();
  });
});
