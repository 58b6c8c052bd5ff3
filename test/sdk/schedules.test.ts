// Schedules with the SDKs that teams have, each of their methods.
import { Knock as KnockV1 } from "@knocklabs/node";
import { Knock as Knock06 } from "knock-node-0-6";
import { beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { type SdkServer, startSdkServer } from "./support/server.ts";

let server: SdkServer;
let v1: KnockV1;
let v06: Knock06;
beforeAll(async () => {
  server = await startSdkServer();
  v1 = new KnockV1({ apiKey: server.secretKey, baseURL: server.url, maxRetries: 0 });
  v06 = new Knock06(server.secretKey, { host: server.url });
  await server.knock.users.upsertMany([
    { id: "ada", name: "Ada" },
    { id: "bob", timezone: "Europe/Zurich" },
  ]);
});

const day = 86_400_000;
const ahead = (milliseconds: number) => new Date(systemClock.now().getTime() + milliseconds).toISOString();
const weekly = { frequency: "weekly" as const, days: ["mon" as const, "fri" as const], hours: 9, minutes: 30 };
const data = { text: "hi" };

describe("0.6", () => {
  test("every method", async () => {
    const created = await v06.workflows.createSchedules("new-comment", {
      recipients: ["ada", { id: "eve", name: "Eve" }, { collection: "projects", id: "7" }],
      repeats: [weekly as never],
      actor: "bob",
      tenant: "acme",
      data,
    });
    expect(created).toHaveLength(3);
    expect(created[0]).toMatchObject({
      __typename: "Schedule",
      workflow: "new-comment",
      recipient: { id: "ada", name: "Ada" },
      actor: { id: "bob" },
      tenant: "acme",
      data,
      repeats: [{ frequency: "weekly", interval: 1, days: ["mon", "fri"], hours: 9, minutes: 30, day_of_month: null }],
      last_occurrence_at: null,
    });
    expect(created[0]!.next_occurrence_at).toMatch(/T09:30:00.000Z$/);
    const { entries } = await v06.workflows.listSchedules("new-comment", { recipients: ["ada"], tenant: "acme" });
    expect(entries).toEqual([created[0]]);
    expect((await v06.workflows.listSchedules("new-comment", { tenant: "other" })).entries).toEqual([]);
    expect((await v06.workflows.listSchedules("later")).entries).toEqual([]);
    expect((await v06.users.getSchedules("ada")).entries).toEqual([created[0]]);
    expect((await v06.objects.getSchedules("projects", "7")).entries).toEqual([created[2]]);
    const ids = created.map(({ id }) => id);
    const updated = await v06.workflows.updateSchedules({
      schedule_ids: ids.slice(0, 1),
      repeats: [{ frequency: "daily" as never, interval: 2, hours: 7 }],
      data: { text: "new" },
    });
    expect(updated).toMatchObject([
      {
        id: ids[0],
        data: { text: "new" },
        tenant: "acme",
        repeats: [{ frequency: "daily", interval: 2, hours: 7, minutes: 0 }],
      },
    ]);
    expect(await v06.workflows.deleteSchedules({ schedule_ids: ids })).toHaveLength(3);
    expect((await v06.workflows.listSchedules("new-comment")).entries).toEqual([]);
  });
});

describe("1.x", () => {
  test("every method, with pages", async () => {
    const recipients = Array.from({ length: 55 }, (_, index) => `r${index}`);
    const at = ahead(day);
    const created = await v1.schedules.create({ workflow: "new-comment", recipients, scheduled_at: at, data });
    expect(created).toHaveLength(55);
    expect(created[0]).toMatchObject({
      repeats: [],
      scheduled_at: at,
      next_occurrence_at: at,
      actor: null,
      tenant: null,
    });
    const ids: string[] = [];
    for await (const { id } of v1.schedules.list({ workflow: "new-comment" })) ids.push(id);
    expect(ids.toSorted()).toEqual(created.map(({ id }) => id).toSorted());
    const [first] = created;
    const moved = ahead(2 * day);
    expect(await v1.schedules.update({ schedule_ids: [first!.id], scheduled_at: moved })).toMatchObject([
      { id: first!.id, next_occurrence_at: moved, repeats: [] },
    ]);
    const rule = { frequency: "monthly" as const, day_of_month: 15, hours: 8 };
    const ending = ahead(400 * day);
    expect(await v1.schedules.update({ schedule_ids: [first!.id], repeats: [rule], ending_at: ending })).toMatchObject([
      { repeats: [{ frequency: "monthly", day_of_month: 15, hours: 8, minutes: 0, days: null }], ending_at: ending },
    ]);
    expect((await v1.users.listSchedules("r0")).entries).toMatchObject([{ id: first!.id }]);
    expect((await v1.users.listSchedules("r0", { workflow: "later" })).entries).toEqual([]);
    expect(await v1.schedules.delete({ schedule_ids: ids })).toHaveLength(55);
    expect((await v1.schedules.list({ workflow: "new-comment" })).entries).toEqual([]);
    await expect(v1.schedules.update({ schedule_ids: [first!.id], data })).rejects.toMatchObject({ status: 404 });
  });

  test("many at once, each for itself", async () => {
    const schedule = (recipient: unknown, workflow = "new-comment") => ({
      workflow,
      recipient: recipient as string,
      repeats: [{ frequency: "hourly" as const, interval: 6, minutes: 15 }],
      tenant: { id: "inline", name: "Inline" },
      data,
    });
    const bulk = await v1.schedules.bulk.create({
      schedules: [
        schedule("ada"),
        schedule({ id: "new", name: "New" }),
        schedule("ada", "unknown"),
        schedule({ collection: "projects", id: "9" }),
      ],
    });
    expect(bulk).toMatchObject({
      status: "completed",
      success_count: 3,
      error_count: 1,
      error_items: [{ id: "2" }],
    });
    const { entries } = await v1.schedules.list({ workflow: "new-comment" });
    expect(entries).toHaveLength(3);
    expect(entries.every(({ tenant }) => tenant === "inline")).toBe(true);
    expect(entries[0]!.repeats).toMatchObject([{ frequency: "hourly", interval: 6, minutes: 15, hours: null }]);
    expect(await v1.users.get("new")).toMatchObject({ name: "New" });
    expect(await v1.tenants.get("inline")).toMatchObject({ name: "Inline" });
  });

  test("what cannot be is refused, and is not tried again", async () => {
    const refused = (body: object) =>
      v1.schedules.create({ workflow: "new-comment", recipients: ["ada"], data, ...body });
    const errors = { status: 422, error: { code: "invalid_params" } };
    await expect(refused({ repeats: [weekly, weekly] })).rejects.toMatchObject(errors);
    await expect(refused({})).rejects.toMatchObject(errors);
    await expect(refused({ scheduled_at: "2020-01-01T00:00:00Z" })).rejects.toMatchObject(errors);
    await expect(refused({ repeats: [weekly], data: { text: 7 } })).rejects.toMatchObject(errors);
    await expect(refused({ repeats: [weekly], workflow: "unknown" })).rejects.toMatchObject({ status: 404 });
    await expect(refused({ repeats: [weekly], actor: "nobody" })).rejects.toMatchObject({ status: 400 });
  });
});
