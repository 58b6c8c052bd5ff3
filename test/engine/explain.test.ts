// Why somebody did or did not get something: each way to be reached or not, and what is told of a run.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { retry } from "../../src/channels/outcome.ts";
import { capture } from "../../src/channels/providers/capture.ts";
import { openOn } from "../../src/definition/send-window.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { explain } from "../../src/engine/explain/explain.ts";
import type { Explanation } from "../../src/engine/explain/explanation.ts";
import type { ExplainQuestion } from "../../src/engine/explain/question.ts";
import { explanationText } from "../../src/engine/explain/text.ts";
import { purge } from "../../src/engine/retention.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { count } from "../support/inspect.ts";

const data = z.object({});
const news = workflow("news", { data, category: "comments" })
  .inApp("feed", { body: "b" })
  .email("mail", { subject: "s", body: "b" });
const digest = workflow("digest", { data }).batch("all", { window: "1h" }).email("mail", { subject: "s", body: "b" });
const held = workflow("held", { data }).email("mail", {
  subject: "s",
  body: "b",
  sendWindow: openOn("20:00", "21:00"),
});
const waiting = workflow("waiting", { data })
  .delay("nap", "1h")
  .waitFor("go", { event: "go", timeout: "1h", timedOut: (w) => w.inApp("late", { body: "b" }) })
  .inApp("end", { body: "b" });

let database: Database;
let driven: Driven;
let mails: ReturnType<typeof capture<"email">>;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  mails = capture("email", { answer: ({ attempt }) => retry("mailbox busy", { statusCode: 420 + attempt }) });
  driven = await drive({
    database,
    handles: [news, digest, held, waiting],
    providers: { email: mails },
    preferences: { channelTypes: { email: true } },
    retention: { runs: "30d" },
  });
  await driven.knock.users.upsert({ id: "ada", email: "ada@example.com" });
});

const notify = async (call: object) =>
  accepted(await driven.knock.engine.notify({ workflow: "news", ...call })).notification.id;
const add = (list: string, ...ids: string[]) =>
  driven.knock.lists.addMembers({ list, members: ids.map((userId) => ({ userId, properties: { role: "reader" } })) });
const remove = (list: string, ...userIds: string[]) => driven.knock.lists.removeMembers({ list, userIds });

async function ask(question: ExplainQuestion) {
  const outcome = await explain(driven.knock.engine.context, question);
  if (!outcome.ok) throw outcome.error;
  return outcome;
}
async function one(notificationId: string, userId = "ada"): Promise<Explanation> {
  const { explanations } = await ask({ notificationId, userId });
  expect(explanations).toHaveLength(1);
  return explanations[0]!;
}

describe("a recipient", () => {
  test("was named, or reached through the first of the lists in which they were", async () => {
    await add("team", "ada");
    await add("all", "ada");
    await driven.advance("1m");
    const named = await notify({ recipients: ["ada"], lists: ["team"] });
    const listed = await notify({ lists: ["team", "all"] });
    await driven.settle();
    expect((await one(named)).reach).toMatchObject({
      recipient: true,
      code: "NAMED",
      list: null,
      reason: 'the call names them; they were also in the list "team", which counts once',
    });
    expect((await one(listed)).reach).toMatchObject({
      code: "LIST",
      list: "team",
      membership: { role: "reader" },
      reason: 'they were in the list "team" since 2026-01-05 09:00:00 UTC; also in the list "all", which counts once',
    });
  });

  test("is told every preference that applied, the one that decided first, also where it let the message through", async () => {
    await driven.knock.preferences.set({
      of: { userId: "ada" },
      preferences: {
        workflows: { news: true },
        categories: {
          comments: { channelTypes: { email: { conditions: [{ op: "exists", ref: "recipient.phoneNumber" }] } } },
        },
      } as never,
    });
    const [first, second] = (await (async () => {
      const refused = await notify({ recipients: ["ada"] });
      await driven.settle();
      await driven.knock.users.upsert({ id: "ada", phoneNumber: "+41790000000" });
      const allowed = await notify({ recipients: ["ada"] });
      await driven.settle();
      return Promise.all([one(refused), one(allowed)]);
    })()) as [Explanation, Explanation];
    const entry = "categories.comments.channelTypes.email";
    expect(first.steps[1]).toMatchObject({
      outcome: "skipped",
      code: "PREFERENCES",
      values: { "recipient.phoneNumber": null },
      preferences: [
        { layer: "recipient", entry, allowed: false },
        { layer: "recipient", entry: "workflows.news", allowed: true },
        { layer: "environment", entry: "channelTypes.email", allowed: true },
      ],
    });
    expect(second.steps[1]!.preferences.map(({ allowed }) => allowed)).toEqual([true, true, true]);
    // What was recorded counts, not what holds now.
    await driven.knock.preferences.set({ of: { userId: "ada" }, preferences: {} });
    const lines = explanationText(await one(first.notification.id));
    expect(lines.at(-1)).toMatch(
      /^mail \(email\): not sent, because category "comments" is off for email by a condition in the recipient's set: /,
    );
    expect(lines.at(-1)).toContain(
      `Preferences, the one that decided first: off by ${entry} in the recipient's own set; on by workflows.news`,
    );
  });

  test("is told each attempt with the provider's words, and when the next one is; addresses are shortened", async () => {
    const id = await notify({ recipients: ["ada"] });
    await driven.advance("10s");
    const { steps, ...rest } = await one(id);
    const { message } = steps[1]!;
    expect(message).toMatchObject({ status: "queued", address: "a…@example.com", channel: "email" });
    expect(message!.attempts[0]).toMatchObject({ number: 1, provider: "capture", outcome: "retry", statusCode: 421 });
    expect(message!.nextAttemptAt).not.toBeNull();
    const text = explanationText({ ...rest, steps }).join("\n");
    expect(text).toContain("through capture: retry (421) mailbox busy.");
    expect(text).toContain("It is tried again at 2026-01-05");
    expect(text).not.toContain("ada@example.com");
    await driven.knock.database.db.execute("update knock.messages set seen_at = now(), read_at = now()");
    expect(explanationText(await one(id)).join()).toMatch(/It was seen at .*, read at /);
  });

  test("who joined a batch is told which run went on with it, and what became of its message", async () => {
    const first = await notify({ workflow: "digest", recipients: ["ada"] });
    const second = await notify({ workflow: "digest", recipients: ["ada"] });
    await driven.settle();
    expect((await one(first)).steps).toMatchObject([
      { outcome: "waiting", until: new Date("2026-01-05T10:00:00Z"), batch: { count: 2, carrier: { own: true } } },
      { outcome: "unreached", code: "NOT_YET" },
    ]);
    await driven.advance("1d");
    const joined = await one(second);
    expect(joined.steps).toMatchObject([
      {
        outcome: "joined",
        batch: {
          closedAt: new Date("2026-01-05T10:00:00Z"),
          carrier: {
            own: false,
            notificationId: first,
            status: "completed",
            messages: [{ step: "mail", status: "undelivered" }],
          },
        },
      },
      { outcome: "unreached", code: "RUN_ENDED" },
    ]);
    expect(explanationText(joined).join("\n")).toMatch(
      /goes on with it, and is completed\. Its "mail": Message .* No provider accepted it: /,
    );
    await driven.knock.database.db.execute("delete from knock.batches");
    expect(explanationText(await one(second)).join("\n")).toContain("all (batch): ended this run in a batch");
  });

  test("who joined a batch and was cancelled is not told that it goes on with theirs", async () => {
    const call = { workflow: "digest", recipients: ["ada"] };
    await notify(call);
    const id = await notify({ ...call, cancellationKey: "c" });
    await driven.settle();
    await driven.knock.cancel("c");
    await driven.advance("2h");
    const cancelled = await one(id);
    expect(cancelled.steps[0]).toMatchObject({ outcome: "joined", batch: { count: 1, left: true } });
    expect(explanationText(cancelled).join("\n")).toContain(
      "This run was cancelled, so its activity is not in it any more. Run ",
    );
  });

  test("a message that waits for its send window has not been tried", async () => {
    const id = await notify({ workflow: "held", recipients: ["ada"] });
    await driven.settle();
    const text = explanationText(await one(id)).join("\n");
    expect(text).toContain("It waits for its send window, at 2026-01-05 20:00:00 UTC.");
    expect(text).not.toContain("tried again");
  });

  test("what waits, what went which way, and what is to come", async () => {
    const id = await notify({ workflow: "waiting", recipients: ["ada"] });
    const outcomes = async () =>
      (await one(id)).steps.map(({ ref, outcome, code }) => [ref, outcome, code].filter(Boolean).join(" "));
    await driven.settle();
    expect(await outcomes()).toEqual([
      "nap waiting",
      "go unreached NOT_YET",
      "late unreached NOT_YET",
      "end unreached NOT_YET",
    ]);
    await driven.advance("90m");
    expect(await outcomes()).toEqual(["nap done", "go waiting", "late unreached NOT_YET", "end unreached NOT_YET"]);
    await driven.advance("1h");
    expect(await outcomes()).toEqual(["nap done", "go done", "late done", "end done"]);
    const other = await notify({ workflow: "waiting", recipients: ["bob"] });
    await driven.advance("61m");
    await driven.knock.signalEvent("go");
    await driven.settle();
    expect((await one(other, "bob")).steps[2]).toMatchObject({
      ref: "late",
      code: "WAY_NOT_TAKEN",
      reason: 'the way "timed out" of "go" was not taken: "go" happened',
    });
  });

  test("the workflow was switched off, the message deleted, the version replaced", async () => {
    const id = await notify({ workflow: "waiting", recipients: ["ada"] });
    await driven.settle();
    await driven.knock.engine.setWorkflowStatus("waiting", "inactive");
    await driven.advance("2h");
    expect((await one(id)).steps[0]).toMatchObject({ outcome: "halted", code: "WORKFLOW_INACTIVE" });
    const other = await notify({ recipients: ["ada"] });
    await driven.settle();
    await driven.knock.users.delete("ada");
    expect((await one(other)).steps.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("its message is no longer kept"),
      expect.stringContaining("its message is no longer kept"),
    ]);
  });
});

describe("somebody who is not a recipient", () => {
  const codeOf = async (id: string, userId = "ada") => {
    const { reach, run, steps } = await one(id, userId);
    expect([reach.recipient, run, steps]).toEqual([false, null, []]);
    return [reach.code, reason(reach.reason)];
  };
  const reason = (text: string) => text.replaceAll(/2026-[^,;]* UTC/g, "T");

  test("was not named, and is in none of the lists", async () => {
    await add("team", "ada");
    await remove("team", "ada");
    await add("other", "ada");
    const id = await notify({ recipients: ["bob"], lists: ["empty"] });
    const named = await notify({ recipients: ["bob", "cy"], actor: "ada" });
    await driven.settle();
    expect(await codeOf(id)).toEqual([
      "NOT_ADDRESSED",
      'the call names 1 person and the list "empty", and they are not named and they were not in it',
    ]);
    expect(await codeOf(named)).toEqual([
      "NOT_ADDRESSED",
      "the call names 2 people, and they are not named; they did what it is about, which alone makes nobody a recipient",
    ]);
    expect(await codeOf(named, "nobody")).toEqual([
      "NOT_ADDRESSED",
      'the call names 2 people, and they are not named; no user "nobody" is known',
    ]);
    expect(explanationText(await one(id))).toEqual([
      expect.stringContaining("The caller was told: "),
      expect.stringMatching(/^ada is not a recipient: /),
      'Lists: ada is in "other" since 2026-01-05 09:00:00 UTC; was in "team" from 2026-01-05 09:00:00 UTC to 2026-01-05 09:00:00 UTC.',
      "So there is no run for this person.",
    ]);
  });

  test("joined later, left before, did both, or left while it was under way", async () => {
    await add("team", "bob", "cy", "dan");
    await driven.advance("1h");
    await remove("team", "bob");
    await driven.advance("1h");
    const id = await notify({ lists: ["team"] });
    await driven.clock.advance(1_000);
    await remove("team", "cy");
    await driven.settle();
    await driven.advance("1h");
    await add("team", "ada", "bob");
    expect(await codeOf(id)).toEqual(["JOINED_LATER", 'they joined the list "team" at T, after the call']);
    expect(await codeOf(id, "bob")).toEqual([
      "JOINED_LATER",
      'they left the list "team" at T, before the call, and they joined the list "team" at T, after the call; no user "bob" is known',
    ]);
    expect(await codeOf(id, "cy")).toEqual([
      "LEFT_MEANWHILE",
      'they left the list "team" at T, before its members were taken; no user "cy" is known',
    ]);
    await remove("team", "bob");
    await driven.knock.lists.delete("team");
    expect((await one(id, "dan")).reach).toMatchObject({ code: "LIST", memberships: [{ list: "team", asked: true }] });
    const late = await notify({ lists: ["team"] });
    await driven.settle();
    expect(await codeOf(late, "dan")).toEqual([
      "LEFT_BEFORE",
      'they left the list "team" at T, before the call; no user "dan" is known',
    ]);
  });

  test("is the actor, who is left out of lists", async () => {
    await add("team", "ada", "bob");
    const id = await notify({ lists: ["team"], actor: "ada" });
    await driven.settle();
    expect(await codeOf(id)).toEqual([
      "ACTOR",
      'they are the actor, who is left out of lists, although they were in the list "team"',
    ]);
  });

  test("has no run yet, or none any more since it was cancelled", async () => {
    await add("team", "ada");
    const named = await notify({ recipients: ["ada"], cancellationKey: "c" });
    const listed = await notify({ lists: ["team"], cancellationKey: "c" });
    expect((await codeOf(named))[0]).toBe("NOT_YET");
    expect((await codeOf(listed))[0]).toBe("NOT_YET");
    expect((await codeOf(listed, "bob"))[0]).toBe("NOT_ADDRESSED");
    await driven.knock.cancel("c");
    await driven.settle();
    expect(await codeOf(named)).toEqual(["CANCELLED", "the notification was cancelled at T, before their run began"]);
    expect((await codeOf(listed))[0]).toBe("CANCELLED");
  });

  test("had a run that is no longer kept", async () => {
    const id = await notify({ recipients: ["ada"] });
    await driven.settle();
    await driven.knock.database.db.execute("delete from knock.runs");
    expect(await codeOf(id)).toEqual(["RUN_GONE", "the run that they had is no longer kept"]);
  });
});

test("who was in a list is known as long as runs are", async () => {
  await add("team", "ada", "bob");
  await remove("team", "ada");
  await driven.clock.advance(31 * 86_400_000);
  await remove("team", "bob");
  expect(await purge(driven.knock.engine.internals)).toMatchObject({ departures: 1 });
  expect(await count(database, "list_departures")).toBe(1);
});
