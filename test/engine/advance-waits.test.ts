import { describe, expect, test } from "vitest";
import { z } from "zod";
import { code } from "../../src/definition/code.ts";
import { all, not } from "../../src/definition/condition-builders.ts";
import { workflow, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { advance } from "../../src/engine/advance.ts";
import { after, decided, pass, run, runFor, world } from "../support/advancing.ts";
import { START } from "../support/engine.ts";

const later = (milliseconds: number) => new Date(START.getTime() + milliseconds);
const HOUR = 3_600_000;
const base = workflow("w", { data: z.looseObject({ n: z.number().optional(), at: z.unknown() }) });

describe("what later steps know", () => {
  const follow = base
    .inApp("feed", { body: "b" })
    .email("mail", { subject: "s", body: "b" })
    .delay("grace", "1h")
    .inApp("end", {
      when: ({ steps }) => all(not(steps.feed.seen), steps.mail.delivered),
      body: ({ steps }) => JSON.stringify(steps),
    });

  test("right away: a message in the feed is delivered, a queued one is neither sent nor skipped", () => {
    const now = base
      .inApp("feed", { body: "b" })
      .email("mail", { subject: "s", body: "b" })
      .sms("text", { body: "b" })
      .inApp("end", { body: ({ steps }) => JSON.stringify(steps) });
    const known = JSON.parse(String(pass(now, runFor({ phoneNumber: null })).messages.at(-1)!.content.body)) as object;
    const nothing = { seen: false, read: false, interacted: false, clicked: false, archived: false };
    expect(known).toEqual({
      feed: { skipped: false, sent: true, delivered: true, ...nothing },
      mail: { skipped: false, sent: false, delivered: false, ...nothing },
      text: { skipped: true, sent: false, delivered: false, ...nothing },
    });
  });

  test("after a wait: what has become of the messages meanwhile", () => {
    const waiting = pass(follow, run());
    const delivered = after(run(), waiting, { mail: { status: "delivered" } });
    expect(decided(pass(follow, delivered, later(HOUR))).at(-1)).toBe("end done");
    const seen = after(run(), waiting, { feed: { status: "delivered", seen: true }, mail: { status: "delivered" } });
    expect(decided(pass(follow, seen, later(HOUR))).at(-1)).toBe("end skipped CONDITION");
    const sentOnly = after(run(), waiting, { mail: { status: "sent" } });
    expect(decided(pass(follow, sentOnly, later(HOUR))).at(-1)).toBe("end skipped CONDITION");
    const done = pass(
      follow,
      after(run(), waiting, {
        feed: { archived: true, clicked: true, read: true, interacted: true },
        mail: { status: "delivered" },
      }),
      later(HOUR),
    );
    expect(JSON.parse(String(done.messages[0]!.content.body))).toMatchObject({
      feed: { seen: false, archived: true, clicked: true, read: true, interacted: true },
      grace: { skipped: false },
    });
  });

  test("a step that was skipped before the wait is skipped after it", () => {
    const told = base
      .sms("text", { body: "b" })
      .delay("d", "1h")
      .inApp("end", { body: ({ steps }) => String(steps.text.skipped) });
    const first = runFor({ phoneNumber: null });
    const { messages } = pass(told, after(first, pass(told, first)), later(HOUR));
    expect(messages[0]!.content.body).toBe("true");
  });
});

describe("deploys under a run that waits", () => {
  const before = base
    .delay("d", "1h")
    .inApp("feed", { body: "old text" })
    .email("mail", { subject: "old", body: () => "old code" })
    .inApp("end", { body: "b" });
  const first = pass(before, run());
  const goOn = (content: Parameters<typeof world>[0]["content"]) =>
    advance(after(run(), first), world({ structure: before, content: content! }, later(HOUR)));

  test("the structure stays, the content is what is deployed", () => {
    const now = base
      .email("mail", { subject: "new", body: () => "new code" })
      .inApp("feed", { body: () => "new text" })
      .sms("more", { body: "x" })
      .inApp("end", { body: "b" });
    const result = goOn(now);
    expect(decided(result)).toEqual(["d done", "feed done", "mail done", "end done"]);
    expect(result.messages.map(({ content }) => content.body ?? content.text)).toEqual(["new text", "new code", "b"]);
  });

  test("a ref that is gone still sends its fixed text, and as code alone it is retired and skipped", () => {
    for (const content of [base.inApp("end", { body: "b" }), null]) {
      const result = advance(after(run(), first), {
        ...world({ structure: before }, later(HOUR)),
        content: content && world({ structure: content }).content,
      });
      expect(decided(result)).toEqual(["d done", "feed done", "mail skipped RETIRED", "end done"]);
      expect(result.messages[0]!.content.body).toBe("old text");
    }
  });

  test("a ref that belongs to another kind of step by now is gone too", () => {
    const result = goOn(
      base.email("feed", { subject: "s", body: "b" }).sms("mail", { body: "b" }).inApp("end", { body: "b" }),
    );
    expect(decided(result)).toEqual(["d done", "feed done", "mail skipped RETIRED", "end done"]);
    expect(result.messages[0]!.content).toMatchObject({ body: "old text", title: null });
  });

  describe("code whose label is no longer deployed", () => {
    const nice = code("is nice", () => true);
    const gone = base.inApp("feed", { body: "b" });
    const onGone = (structure: WorkflowHandle) => advance(run(), world({ structure, content: gone }));
    const retired = { code: "RETIRED", reason: 'the deployed workflow no longer has the code "is nice"' };

    test("leaves out the step that asks it, at once, and the run goes on", () => {
      const result = onGone(
        base
          .delay("d", { for: "1h", when: nice })
          .throttle("all", { limit: 1, window: "1h", when: nice })
          .inApp("feed", { when: nice, body: "b" })
          .inApp("end", { body: "b" }),
      );
      expect(decided(result)).toEqual(["d skipped RETIRED", "all skipped RETIRED", "feed skipped RETIRED", "end done"]);
      expect(result.status).toBe("completed");
      expect(result.trace[2]).toMatchObject({ ref: "feed", kind: "inApp", outcome: "skipped", ...retired });
    });

    test("takes no way of a branch, not even the other one, when it comes to it", () => {
      const asked = base
        .branch("which", (b) =>
          b
            .when("nice", nice, (arm) => arm.inApp("a", { body: "b" }))
            .otherwise((arm) => arm.inApp("b", { body: "b" })),
        )
        .inApp("end", { body: "b" });
      const result = onGone(asked);
      expect(decided(result)).toEqual(["which skipped RETIRED", "end done"]);
      expect(result.trace[0]).toMatchObject({ kind: "branch", ...retired });
    });

    test("ends the run where the whole workflow asks it: nobody can tell any more who gets it", () => {
      const asked = workflow("w", { data: z.object({}), when: nice }).inApp("feed", { body: "b" });
      const result = onGone(asked);
      expect(result).toMatchObject({ status: "halted", step: null, wakeAt: null, messages: [] });
      expect(result.trace).toMatchObject([{ ref: "when", kind: "condition", outcome: "halted", ...retired }]);
    });

    test("that throws is still tried again: it is there", () => {
      const thrower = code("is nice", () => {
        throw new Error("not today");
      });
      const structure = base.inApp("feed", { when: thrower, body: "b" });
      expect(advance(run(), world({ structure })).trace).toMatchObject([{ outcome: "failed", code: "STEP_FAILED" }]);
    });
  });
});

test("a passage changes nothing of what it was given, and gives the same for the same", () => {
  const slow = base.inApp("feed", { body: "b" }).delay("d", "1h").inApp("end", { body: "b" });
  const frozen = <T>(value: T): T =>
    typeof value === "object" && value !== null && !(value instanceof Map)
      ? Object.freeze(Object.fromEntries(Object.entries(value)) as T)
      : value;
  const input = frozen({ ...run(), trace: Object.freeze([]) as never, state: Object.freeze({}) });
  const here = world({ structure: slow });
  expect(advance(input, here)).toEqual(advance(input, here));
  const second = after(input, pass(slow, input));
  const copy = structuredClone({ state: second.state, trace: second.trace });
  pass(slow, second, later(HOUR));
  expect({ state: second.state, trace: second.trace }).toEqual(copy);
});
