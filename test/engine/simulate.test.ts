import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { distance } from "../../src/engine/simulate/text.ts";
import { rows } from "../../src/store/executor.ts";
import { readOnly } from "../../src/store/read-only.ts";
import { START } from "../support/engine.ts";
import { ask, count, footprint, messagesOf, runsOf } from "../support/inspect.ts";
import { body, database, decisions, driven, of, simulated } from "./simulating.ts";

describe("a simulation", () => {
  test("tells the whole course, as data and as text, and leaves nothing behind", async () => {
    const before = await footprint(database);
    const call = { workflow: "comment", recipients: ["ada", "bob"], actor: "bob", data: { title: "Plan" } };
    const simulation = await simulated(call);
    expect(simulation).toMatchObject({
      at: START,
      workflow: "comment",
      total: 2,
      simulated: 2,
      warnings: [],
      omitted: [],
    });
    expect(of(simulation, "ada")).toMatchObject({
      status: "completed",
      existing: false,
      via: [],
      messages: [
        { step: "feed", at: START, sentAt: START, status: "delivered", content: { body: "Bob commented on Plan" } },
        {
          step: "mail",
          at: new Date("2026-01-05T09:05:00Z"),
          scheduledAt: new Date("2026-01-05T10:00:00Z"),
          sentAt: new Date("2026-01-05T10:00:00Z"),
          status: "sent",
          to: { email: "ada@example.com", name: "Ada" },
          content: { subject: "1 comments", text: "Plan" },
        },
      ],
    });
    expect(simulation.text.split("\n")).toEqual([
      "comment at 2026-01-05 09:00 Etc/UTC: 2 of 2 people. Nothing was sent.",
      "",
      "comment → ada",
      '  09:00     feed           inApp "Bob commented on Plan"',
      "  09:00     digest         waits: collects until 2026-01-05T09:05:00.000Z",
      "  +5m       digest         done: 1 activity",
      '  +5m       mail           email "1 comments"',
      "  +1h       mail           goes out",
      "  completed",
      "",
      "comment → bob",
      '  09:00     feed           inApp "Bob commented on Plan"',
      "  09:00     digest         waits: collects until 2026-01-05T09:05:00.000Z",
      "  +5m       digest         done: 1 activity",
      "  +5m       mail           skipped MISSING_ADDRESS: the recipient has no email address",
      "  completed",
      "",
      "Assumed:",
      "  providers accept every message at once",
    ]);
    expect(await footprint(database)).toEqual(before);
  });

  test("uses the preferences, and the clock that is given", async () => {
    await driven.knock.preferences.set({ of: { userId: "ada" }, preferences: { channelTypes: { email: false } } });
    const at = new Date("2027-05-01T23:00:00Z");
    const simulation = await simulated({ workflow: "comment", recipients: ["ada"], data: { title: "T" } }, { at });
    expect(simulation.at).toEqual(at);
    expect(of(simulation, "ada").steps.at(-1)).toMatchObject({
      ref: "mail",
      outcome: "skipped",
      code: "PREFERENCES",
      at: new Date("2027-05-01T23:05:00Z"),
    });
  });

  test("merges the users of the call in memory alone", async () => {
    const identify = [{ id: "cy", name: "Cy", email: "cy@example.com" }];
    const call = {
      workflow: "comment",
      recipients: [{ id: "ada", email: null }, "cy"],
      actor: "cy",
      identify,
      data: { title: "T" },
    };
    const simulation = await simulated(call);
    expect(body(of(simulation, "cy"), "feed")).toBe("Cy commented on T");
    expect(decisions(of(simulation, "ada"))).toContain("mail skipped MISSING_ADDRESS");
    expect(of(simulation, "cy").messages).toHaveLength(2);
    expect(await count(database, "users")).toBe(2);
  });

  test("reaches lists without the actor, and says how many people it left out", async () => {
    const members = Array.from({ length: 30 }, (_, index) => ({ userId: `m${String(index).padStart(2, "0")}` }));
    await driven.knock.lists.addMembers({ list: "team", members: [...members, { userId: "bob" }, { userId: "ada" }] });
    const call = {
      workflow: "comment",
      recipients: ["ada"],
      lists: ["team", "nowhere"],
      actor: "bob",
      data: { title: "T" },
    };
    const simulation = await simulated(call, { first: 5 });
    expect(simulation).toMatchObject({
      total: 31,
      simulated: 5,
      omitted: ["only the first 5 people of comment were gone through"],
    });
    expect(simulation.courses.map(({ recipientId }) => recipientId)).toEqual(["ada", "m00", "m01", "m02", "m03"]);
    expect(of(simulation, "m00").list).toBe("team");
    expect(simulation.warnings).toMatchObject([{ code: "UNKNOWN_LIST" }]);
  });

  test("joins batches that are open, and goes on with the run that carries them", async () => {
    const call = { workflow: "comment", recipients: ["ada"], data: { title: "first" } };
    await driven.knock.engine.notify(call);
    await driven.settle();
    await driven.advance("2m");
    const before = await runsOf(database);
    const simulation = await simulated({ ...call, data: { title: "second" } });
    const [own, carrier] = simulation.courses;
    expect(own).toMatchObject({ existing: false, status: "completed" });
    expect(decisions(own!)).toEqual(["feed done", "digest joined"]);
    expect(carrier).toMatchObject({ existing: true, status: "completed", recipientId: "ada" });
    expect(carrier!.messages).toMatchObject([
      { step: "mail", at: new Date("2026-01-05T09:05:00Z"), content: { subject: "2 comments", text: "first, second" } },
    ]);
    expect(simulation.text).toContain("comment → ada (a run that waits already)");
    expect(await runsOf(database)).toEqual(before);
    await driven.advance("2h");
    expect(await messagesOf(database)).toMatchObject([
      { step: "feed" },
      { step: "mail", content: { subject: "1 comments" } },
    ]);
  });

  test("counts on at throttles, and not in them", async () => {
    const call = { workflow: "limited", recipients: ["ada"], data: {} };
    await driven.knock.engine.notify(call);
    await driven.settle();
    for (let time = 0; time < 2; time++)
      expect(decisions(of(await simulated(call), "ada"))).toEqual(["limit done", "feed done"]);
    await driven.knock.engine.notify(call);
    await driven.settle();
    expect(decisions(of(await simulated(call), "ada"))).toEqual(["limit halted THROTTLED"]);
    const later = await simulated(call, { at: new Date("2026-01-05T10:00:00Z") });
    expect(decisions(of(later, "ada"))).toEqual(["limit done", "feed done"]);
  });

  test("goes into the workflows that its steps start", async () => {
    await driven.knock.lists.addMembers({ list: "team", members: [{ userId: "ada" }, { userId: "bob" }] });
    const simulation = await simulated({ workflow: "starting", recipients: ["ada"], data: {} });
    expect(simulation).toMatchObject({ total: 1, simulated: 1 });
    expect(simulation.courses.map(({ workflow: key, recipientId, via }) => [key, recipientId, via])).toEqual([
      ["starting", "ada", []],
      ["comment", "ada", ["starting"]],
      ["limited", "ada", ["starting"]],
      ["limited", "bob", ["starting"]],
    ]);
    expect(body(of(simulation, "ada", "comment"), "feed")).toBe("Somebody commented on nested");
    expect(await footprint(database)).toMatchObject({ notifications: 0, runs: 0 });
  });

  test("begins what several runs start in the order of reality, whatever that is: who comes first passes a throttle", async () => {
    await driven.knock.users.upsertMany(["cy", "dan", "eve", "fay"].map((id) => ({ id })));
    const call = { workflow: "crowding", recipients: ["ada", "bob", "cy", "dan", "eve", "fay"], data: {} };
    const simulation = await simulated(call);
    const nested = simulation.courses.filter(({ via }) => via.length > 0);
    expect(nested).toHaveLength(6);
    const passed = nested.filter(({ status }) => status === "completed").map(({ notificationId }) => notificationId);
    const inOrder = nested.map(({ notificationId }) => notificationId).toSorted();
    expect(passed.toSorted()).toEqual(inOrder.slice(0, 2));
  });

  test("tries again what fails, in its own time", async () => {
    const simulation = await simulated({ workflow: "failing", recipients: ["ada"], data: {} });
    const course = of(simulation, "ada");
    expect(course).toMatchObject({ status: "failed", failure: { step: "feed" } });
    expect(course.steps.map(({ ref, outcome, at }) => [ref, outcome, at.toISOString().slice(11, 19)])).toEqual([
      ["feed", "failed", "09:00:00"],
      ["feed", "failed", "09:00:10"],
      ["feed", "failed", "09:00:50"],
      ["sorry", "done", "09:00:50"],
    ]);
    expect(simulation.text).toContain("  failed: feed: ");
  });
});

describe("the world outside", () => {
  const call = { workflow: "waiting", recipients: ["ada"], data: {} };

  test("other systems answer with the example, or with a sample", async () => {
    const simulation = await simulated({ workflow: "asking", recipients: ["ada"], data: {} });
    // A sample fits in type alone: "text" is no e-mail address.
    expect(body(of(simulation, "ada"), "feed")).toBe("text 7");
    expect(simulation.assumed).toEqual([
      'the call "plan" of asking is answered with {"plan":"text"}',
      'the call "known" of asking is answered with {"n":7}',
    ]);
  });

  test("or with what is assumed, which is checked like any answer", async () => {
    const assume = { fetch: { plan: { data: { plan: "a@example.com" } }, known: { data: { n: "no" } } } };
    const simulation = await simulated({ workflow: "asking", recipients: ["ada"], data: {} }, { assume });
    const course = of(simulation, "ada");
    expect(course.failure).toMatchObject({
      step: "known",
      reason: expect.stringContaining("does not fit the response schema"),
    });
    const down = await simulated(
      { workflow: "asking", recipients: ["ada"], data: {} },
      { assume: { fetch: { plan: { status: 503 } } } },
    );
    expect(
      of(down, "ada")
        .steps.filter(({ outcome }) => outcome === "failed")
        .map(({ at }) => at.toISOString().slice(14, 19)),
    ).toEqual(["00:00", "00:30", "01:30"]);
  });

  test("nothing happens and nobody looks, unless it is assumed", async () => {
    const silent = await simulated(call);
    expect(body(of(silent, "ada"), "feed")).toBe("[false,null,false]");
    expect(of(silent, "ada").messages[1]!.at).toEqual(new Date("2026-01-06T10:00:00Z"));
    expect(silent.assumed).toEqual([
      'nobody looks at "mail"',
      "providers accept every message at once",
      '"order.paid" does not happen',
    ]);
    const events = [{ name: "order.paid", data: { amount: 20 } }];
    const at = await simulated(call, { assume: { events, messages: { mail: "interacted" } } });
    expect(body(of(at, "ada"), "feed")).toBe('[true,{"amount":20},true]');
    expect(of(at, "ada").messages[1]!.at).toEqual(START);
  });

  test("events come at their time, to runs that match", async () => {
    const event = { name: "order.paid", data: { amount: 20 }, after: "3h" as const };
    const matching = await simulated(call, { assume: { events: [{ ...event, match: { order: 7 } }] } });
    expect(of(matching, "ada").messages[1]!.at).toEqual(new Date("2026-01-05T12:00:00Z"));
    const other = await simulated(call, { assume: { events: [{ ...event, match: { order: 8 } }] } });
    expect(body(of(other, "ada"), "feed")).toBe("[false,null,false]");
    const tooEarly = await simulated(call, { assume: { events: [{ ...event, after: "10m" }] } });
    expect(body(of(tooEarly, "ada"), "feed")).toBe("[false,null,false]");
  });

  test("a step whose name every object has is answered like any other, whatever is assumed of others", async () => {
    const assume = { fetch: {}, messages: {} };
    const simulation = await simulated({ workflow: "constructor", recipients: ["ada"], data: {} }, { assume });
    expect(decisions(of(simulation, "ada"))).toContain("constructor done");
    expect(simulation.assumed).toEqual(['the call "constructor" of constructor is answered with {"n":1}']);
  });

  test("messages come back when that is assumed", async () => {
    const simulation = await simulated(call, { assume: { messages: { mail: "bounced" } } });
    expect(of(simulation, "ada").messages[0]).toMatchObject({ status: "bounced", sentAt: null });
  });
});

test("a statement that would write is refused by the database itself", async () => {
  const writing = readOnly(database, (tx) => rows(tx, sql`delete from knock.users`));
  await expect(writing).rejects.toMatchObject({ cause: { code: "25006" } });
  expect(await count(database, "users")).toBe(2);
});

test("a list of 100,000 people costs as little as a short one", { timeout: 120_000 }, async () => {
  await ask(
    database,
    sql`with made as (insert into knock.lists (name, properties, created_at, updated_at) values ('all', '{}', now(), now()))
    insert into knock.list_members (list, user_id, properties, created_at)
    select 'all', 'user_' || number, '{}', now() from generate_series(1, 100000) as number`,
  );
  const call = { workflow: "comment", lists: ["all"], data: { title: "T" } };
  await simulated(call, { first: 1 });
  const { heapUsed } = process.memoryUsage();
  const started = performance.now();
  const simulation = await simulated(call);
  const milliseconds = performance.now() - started;
  const most = await simulated(call, { first: 1_000 });
  const mostMilliseconds = performance.now() - started - milliseconds;
  const megabytes = (process.memoryUsage().heapUsed - heapUsed) / 1e6;
  console.log(
    `100 of 100,000: ${Math.round(milliseconds)} ms; 1,000: ${Math.round(mostMilliseconds)} ms; ${Math.round(megabytes)} MB`,
  );
  expect(simulation).toMatchObject({ total: 100_000, simulated: 100 });
  expect(most).toMatchObject({ total: 100_000, simulated: 1_000 });
  expect(most.courses).toHaveLength(1_000);
  expect(most.text.length).toBeLessThan(50_000);
  expect(milliseconds).toBeLessThan(10_000);
});

test.each([
  [0, "+0ms"],
  [90_000, "+1m 30s"],
  [3_600_000, "+1h"],
  [90_061_000, "+1d 1h"],
  [3_599_999, "+59m 59s"],
])("%d milliseconds are %s", (milliseconds, text) => expect(distance(milliseconds)).toBe(text));
