import { describe, expect, test } from "vitest";
import { z } from "zod";
import { code } from "../../src/definition/code.ts";
import { eq, gt } from "../../src/definition/condition-builders.ts";
import { ref } from "../../src/definition/refs.ts";
import { workflow, workflowFor } from "../../src/definition/workflow.ts";
import { advance } from "../../src/engine/advance.ts";
import { after, decided, pass, run, runFor, runWith, world } from "../support/advancing.ts";
import { channelsOf, START } from "../support/engine.ts";

const later = (milliseconds: number) => new Date(START.getTime() + milliseconds);
const HOUR = 3_600_000;
const base = workflow("w", { data: z.looseObject({ n: z.number().optional(), at: z.unknown() }) });
const typed = workflowFor(z.object({ plan: z.string().optional() }))("w", { data: z.looseObject({}) });

describe("channel steps", () => {
  const six = base
    .inApp("feed", { title: "t", body: "b", actionUrl: "/x", data: { k: 1 } })
    .email("mail", { subject: "s", body: "b" })
    .sms("text", { body: "b" })
    .push("buzz", { body: "b" })
    .chat("room", { body: "b" })
    .webhook("hook", {});

  test("every kind makes its message, with its address and a status that claims nothing", () => {
    const result = pass(six, run());
    expect(result).toMatchObject({ status: "completed", step: null, wakeAt: null, state: {} });
    expect(decided(result)).toEqual(["feed done", "mail done", "text done", "buzz done", "room done", "hook done"]);
    expect(result.messages.map(({ channel, status, address }) => [channel.key, status, address])).toEqual([
      ["inApp", "delivered", { userId: "ada" }],
      ["email", "queued", { email: "ada@example.com", name: "Ada" }],
      ["sms", "queued", { phoneNumber: "+41790000000" }],
      ["push", "queued", { tokens: ["t"] }],
      ["chat", "queued", { to: "#room", data: { to: "#room" } }],
      ["webhook", "queued", {}],
    ]);
    expect(result.messages[0]!.content).toEqual({ title: "t", body: "b", actionUrl: "/x", data: { k: 1 } });
    expect(result.messages[5]!.content.body).toEqual({ workflow: "w", recipient: "ada", data: {} });
  });

  test("the same run makes messages with the same ids, another run others", () => {
    const ids = (input = run()) => pass(six, input).messages.map(({ id }) => id);
    expect(ids()).toEqual(ids());
    expect(new Set([...ids(), ...ids(run({ id: "019b8d62-7a80-748e-b9a4-38b847fc2a12" }))]).size).toBe(12);
  });

  test("a sandboxed channel makes a message that is not sent, but for the feed", () => {
    const channels = channelsOf({ sandboxed: ["email", "inApp"] });
    const { messages } = advance(
      run(),
      world({ structure: base.inApp("feed", { body: "b" }).email("mail", { subject: "s", body: "b" }), channels }),
    );
    expect(messages.map(({ status }) => status)).toEqual(["delivered", "not_sent"]);
  });

  test("without an address the step is skipped, and the reason holds no value", () => {
    const result = pass(
      six,
      runFor({ email: "not an address", phoneNumber: " ", channelData: { push: { tokens: [""] } } }),
    );
    expect(decided(result)).toEqual([
      "feed done",
      "mail skipped MISSING_ADDRESS",
      "text skipped MISSING_ADDRESS",
      "buzz skipped MISSING_ADDRESS",
      "room skipped MISSING_ADDRESS",
      "hook done",
    ]);
    expect(result.trace.map(({ reason }) => reason).join()).not.toContain("not an address");
  });

  test("the first refusal is the reason: condition, channel, address, preferences, content", () => {
    const content = () => {
      throw new Error("content was asked");
    };
    const refusing = base.email("mail", { when: () => eq(ref("data.n"), 1), subject: content, body: content });
    const off = { recipient: { channelTypes: { email: false } }, recipientTenant: null } as const;
    const bare = { ...runFor({ email: null }), preferences: off };
    const without = channelsOf({ providers: { email: null } });
    const here = world({ structure: refusing });
    const met = (input: typeof bare) => ({ ...input, notification: { ...input.notification, data: { n: 1 } } });
    expect(decided(advance(bare, { ...here, channels: without }))).toEqual(["mail skipped CONDITION"]);
    expect(decided(advance(met(bare), { ...here, channels: without }))).toEqual([
      "mail skipped CHANNEL_NOT_CONFIGURED",
    ]);
    expect(decided(advance(met(bare), here))).toEqual(["mail skipped MISSING_ADDRESS"]);
    expect(decided(advance(met({ ...bare, recipient: run().recipient }), here))).toEqual(["mail skipped PREFERENCES"]);
    const allowed = met({ ...bare, recipient: run().recipient, preferences: run().preferences as never });
    expect(decided(advance(allowed, here))).toEqual(["mail failed STEP_FAILED"]);
  });

  test("a decision keeps its reason, the values it read and its time", () => {
    const asked = typed.inApp("feed", { when: ({ recipient }) => eq(recipient.plan, "pro"), body: "b" });
    const no = pass(asked, runFor({ properties: { plan: "free" } })).trace[0];
    expect(no).toEqual({
      ref: "feed",
      kind: "inApp",
      outcome: "skipped",
      code: "CONDITION",
      reason: 'recipient.plan is "free", wanted "pro"',
      values: { "recipient.plan": "free" },
      at: START.toISOString(),
    });
    expect(pass(asked, runFor({ properties: { plan: "pro" } })).trace[0]).toMatchObject({
      outcome: "done",
      reason: 'recipient.plan is "pro"',
      values: { "recipient.plan": "pro" },
    });
  });

  test("a user's own properties cannot pose as what every user has", () => {
    const posing = base.inApp("feed", {
      body: ({ recipient }) => `${recipient.id} ${recipient.email} ${JSON.stringify(recipient.membership)}`,
    });
    const { messages } = pass(
      posing,
      runFor({ properties: { id: "root", email: "x@y", membership: { role: "owner" } } }),
    );
    expect(messages[0]!.content.body).toBe("ada ada@example.com null");
  });

  test("content sees neither channel data nor anything else that is private", () => {
    const curious = base.inApp("feed", { body: ({ recipient }) => Object.keys(recipient).toSorted().join() });
    expect(pass(curious, run()).messages[0]!.content.body).toBe(
      "avatar,email,id,locale,membership,name,phoneNumber,timezone",
    );
  });
});

describe("the workflow's own condition", () => {
  const asked = workflow("w", {
    data: z.looseObject({ n: z.number().optional() }),
    when: ({ data }) => gt(data.n, 3),
  }).inApp("feed", { body: "b" });

  test("halts the run before any step when it does not hold", () => {
    const result = pass(asked, runWith({ n: 3 }));
    expect(result).toMatchObject({ status: "halted", step: null, messages: [] });
    expect(result.trace).toMatchObject([
      {
        ref: "when",
        kind: "condition",
        outcome: "halted",
        reason: expect.stringContaining("data.n is 3"),
        values: { "data.n": 3 },
      },
    ]);
  });

  test("is recorded when it holds, and asked once", () => {
    expect(decided(pass(asked, runWith({ n: 4 })))).toEqual(["when done", "feed done"]);
    const slow = workflow("w", { data: z.looseObject({ n: z.number().optional() }), when: ({ data }) => gt(data.n, 3) })
      .delay("d", "1h")
      .inApp("feed", { body: "b" });
    const first = runWith({ n: 4 });
    const waiting = pass(slow, first);
    const changed = { ...after(first, waiting), notification: { ...first.notification, data: { n: 0 } } };
    expect(decided(pass(slow, changed, later(HOUR)))).toEqual(["when done", "d done", "feed done"]);
  });

  test("as code that throws it is tried again, and then the run fails", () => {
    let asks = 0;
    const throwing = workflow("w", {
      data: z.looseObject({}),
      when: code("flaky", () => {
        if (++asks < 3) throw new Error("no answer");
        return true;
      }),
    }).inApp("feed", { body: "b" });
    const first = pass(throwing, run());
    expect(first).toMatchObject({ status: "waiting", step: "when", state: { attempts: 1 }, wakeAt: later(10_000) });
    const second = pass(throwing, after(run(), first), later(10_000));
    expect(second).toMatchObject({ status: "waiting", wakeAt: later(50_000), state: { attempts: 2 } });
    const third = pass(throwing, after(run(), second), later(50_000));
    expect(third).toMatchObject({ status: "completed", state: {} });
    expect(decided(third)).toEqual(["when done", "feed done"]);
  });
});

describe("failing steps", () => {
  const failing = base
    .inApp("first", { body: "b" })
    .inApp("feed", {
      body: () => {
        throw new Error("no such thing");
      },
    })
    .inApp("last", { body: "b" });

  test("are tried three times in total, 10 and 40 seconds apart, then the run fails", () => {
    const one = pass(failing, run());
    expect(one).toMatchObject({ status: "waiting", step: "feed", wakeAt: later(10_000), state: { attempts: 1 } });
    expect(one.messages.map(({ step }) => step)).toEqual(["first"]);
    const two = pass(failing, after(run(), one), later(10_000));
    expect(two).toMatchObject({
      status: "waiting",
      step: "feed",
      wakeAt: later(50_000),
      state: { attempts: 2 },
      messages: [],
    });
    const three = pass(failing, after(run(), two), later(50_000));
    expect(three).toMatchObject({ status: "failed", step: "feed", wakeAt: null, messages: [] });
    expect(decided(three)).toEqual(["first done", "feed failed STEP_FAILED"]);
    expect(three.trace[1]!.reason).toBe("attempt 3 of 3 failed: body: no such thing");
  });

  test("go on when a later try succeeds, and the next step has three tries of its own", () => {
    let broken = true;
    const flaky = base
      .inApp("feed", { body: () => (broken ? (undefined as never) : "b") })
      .inApp("other", { body: () => (broken ? "b" : (7 as never)) });
    const one = pass(flaky, run());
    broken = false;
    const two = pass(flaky, after(run(), one), later(10_000));
    expect(decided(two)).toEqual(["feed done", "other failed STEP_FAILED"]);
    expect(two).toMatchObject({ status: "waiting", step: "other", state: { attempts: 1 } });
    expect(two.trace[1]!.reason).toBe("attempt 1 of 3 failed: body: expected text, got number");
  });

  test("content must be ready: a promise fails with a sentence that says so", () => {
    const { trace } = pass(base.inApp("feed", { body: (async () => "b") as never }), run());
    expect(trace[0]!.reason).toContain("a promise (content must be ready when its function returns)");
  });

  test("what is thrown may be anything, and is cut", () => {
    const thrown = (what: unknown) =>
      pass(
        base.inApp("feed", {
          when: code("x", () => {
            throw what;
          }),
          body: "b",
        }),
        run(),
      ).trace[0]!.reason;
    expect(thrown("text")).toContain("text");
    expect(thrown(null)).toContain("null");
    expect(thrown(new Error("x".repeat(5_000)))).toHaveLength(1_000);
    expect(thrown(Object.create(null))).toContain("attempt 1 of 3");
  });
});
