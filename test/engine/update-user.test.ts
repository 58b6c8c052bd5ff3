// Steps that change the recipient.
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { Database } from "../../src/store/database.ts";
import { findUsers, upsertUsers } from "../../src/store/users.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven, START } from "../support/engine.ts";
import { decisions, messagesOf, runsOf } from "../support/inspect.ts";

const data = z.object({ name: z.string().nullable().optional(), email: z.string().optional() });
const tell = ({ recipient }: { recipient: object }) => JSON.stringify(recipient);
const change = workflow("change", { data })
  .updateUser("mark", {
    name: ({ data: { name } }) => name as string | null,
    email: ({ data: { email } }) => email as string,
    locale: "de-CH",
    properties: ({ workflow: { key } }) => ({ last: key, nested: { seen: true } }),
  })
  .inApp("feed", { body: tell })
  .delay("pause", "1h")
  .inApp("end", { body: tell });
const mail = workflow("mail", { data })
  .updateUser("mark", { email: ({ data: { email } }) => email as string })
  .email("mail", { subject: "s", body: "b" });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [change, mail] });
});

async function begin(key: string, given: object = {}, recipients = ["ada"]): Promise<void> {
  accepted(await driven.knock.engine.notify({ workflow: key, recipients, data: given }));
  await driven.settle();
}
const user = async (id = "ada") => (await findUsers(database.db, [id])).get(id);
const told = async () =>
  Object.fromEntries(
    (await messagesOf(database)).map(({ step, content }) => [step, JSON.parse(content.body as string) as object]),
  );

test("what is said changes, the rest stays; later steps of the run see it at once and later", async () => {
  const properties = { plan: "pro", nested: { seen: false, kept: 1 } };
  await upsertUsers(database.db, [{ id: "ada", name: "Ada", phoneNumber: "+41", properties }], START);
  await begin("change", { name: null });
  const changed = {
    id: "ada",
    name: null,
    email: null,
    phoneNumber: "+41",
    locale: "de-CH",
    properties: { plan: "pro", last: "change", nested: { seen: true, kept: 1 } },
  };
  expect(await user()).toMatchObject(changed);
  const { properties: own, ...members } = changed;
  expect((await told()).feed).toMatchObject({ ...members, ...own });
  await driven.advance("1h");
  const { feed, end } = await told();
  expect(end).toEqual(feed);
  expect((await runsOf(database))[0]!.trace[0]).toMatchObject({
    outcome: "done",
    reason: "changed name, locale, properties.last, properties.nested",
  });
});

test("one who is not known becomes known, with the address that the next step needs", async () => {
  await begin("mail", { email: "new@example.com" }, ["stranger"]);
  expect(await user("stranger")).toMatchObject({ email: "new@example.com", createdAt: START });
  expect(await decisions(database, "stranger")).toEqual(["mark done", "mail done"]);
});

test("what no user may have fails the step at once, and changes nothing", async () => {
  await begin("mail", { email: "no address" }, ["ada"]);
  expect(await runsOf(database)).toMatchObject([{ status: "failed", step: "mark" }]);
  expect((await runsOf(database))[0]!.trace[0]!.reason).toBe("email: must be an e-mail address");
  expect(await user()).toBeUndefined();
});

test("many at once, each with what is theirs", async () => {
  const people = Array.from({ length: 250 }, (_, index) => `user_${index}`);
  await begin("change", { name: "Same" }, people);
  expect(new Set((await runsOf(database)).map(({ status }) => status))).toEqual(new Set(["waiting"]));
  const found = await findUsers(database.db, people);
  expect(people.every((id) => found.get(id)!.name === "Same" && found.get(id)!.properties.last === "change")).toBe(
    true,
  );
});
