// Audiences, which are lists, with the SDK that has them.
import { Knock as KnockV1 } from "@knocklabs/node";
import { beforeAll, expect, test } from "vitest";
import { type SdkServer, startSdkServer } from "./support/server.ts";

let server: SdkServer;
let v1: KnockV1;
beforeAll(async () => {
  server = await startSdkServer();
  v1 = new KnockV1({ apiKey: server.secretKey, baseURL: server.url, maxRetries: 0 });
});

test("members are added, listed and removed, and are those of the list of this name", async () => {
  const members = [
    { user: { id: "dr_sattler", name: "Dr. Ellie Sattler" }, tenant: "isla_nublar" },
    { user: { id: "dr_grant" } },
    { user: "dr_malcolm" as never },
  ];
  await expect(v1.audiences.addMembers("vip", { members })).rejects.toMatchObject({ status: 404 });
  await v1.audiences.addMembers("vip", { members, create_audience: true });
  const { entries, page_info: info } = await v1.audiences.listMembers("vip");
  const member = (user: object, tenant: string | null = null) => ({
    __typename: "AudienceMember",
    added_at: expect.any(String),
    user: expect.objectContaining(user),
    user_id: (user as { id: string }).id,
    tenant,
  });
  expect(entries).toEqual([
    member({ id: "dr_grant" }),
    member({ id: "dr_malcolm" }),
    member({ id: "dr_sattler", name: "Dr. Ellie Sattler" }, "isla_nublar"),
  ]);
  expect(info).toMatchObject({ after: null, before: null });
  const sent = await server.knock.engine.notify({ workflow: "new-comment", lists: ["vip"], data: { text: "hi" } });
  expect(sent).toMatchObject({ ok: true, warnings: [] });
  await v1.audiences.addMembers("vip", { members: [{ user: { id: "dr_grant" }, tenant: "other" }] });
  await v1.audiences.removeMembers("vip", {
    members: [
      { user: { id: "dr_sattler" }, tenant: "elsewhere" },
      { user: { id: "dr_grant" }, tenant: "other" },
    ],
  });
  expect((await v1.audiences.listMembers("vip")).entries.map(({ user_id: id }) => id)).toEqual([
    "dr_malcolm",
    "dr_sattler",
  ]);
  await v1.audiences.removeMembers("vip", { members: [{ user: { id: "dr_sattler" } }, { user: { id: "never" } }] });
  expect((await v1.audiences.listMembers("vip")).entries.map(({ user_id: id }) => id)).toEqual(["dr_malcolm"]);
  await expect(v1.audiences.listMembers("unknown")).rejects.toMatchObject({ status: 404 });
  await expect(v1.audiences.removeMembers("unknown", { members: [{ user: { id: "a" } }] })).rejects.toMatchObject({
    status: 404,
  });
});
