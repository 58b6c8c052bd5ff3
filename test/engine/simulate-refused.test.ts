import { describe, expect, test } from "vitest";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import type { SimulateOptions } from "../../src/engine/simulate/contract.ts";
import { decisions, driven, of, refusal, simulated } from "./simulating.ts";

describe("what is refused", () => {
  const call = { workflow: "comment", recipients: ["ada"], data: { title: "T" } };

  test("is what notify refuses, in its words", async () => {
    const cases: NotifyCall[] = [
      { ...call, workflow: "coment" },
      { ...call, data: { title: 7 } },
      { ...call, recipients: [] },
      { ...call, actor: "nobody" },
      { ...call, recipients: [7 as never] },
      { ...call, idempotencyKey: "" },
    ];
    for (const each of cases) {
      const error = await refusal(each);
      const outcome = await driven.knock.engine.notify(each);
      expect(outcome.ok).toBe(false);
      if (!outcome.ok)
        expect([error.code, error.message, error.details]).toEqual([
          outcome.error.code,
          outcome.error.message,
          outcome.error.details,
        ]);
    }
  });

  test("a workflow that is switched off, and a key that was used", async () => {
    const first = await driven.knock.engine.notify({ ...call, idempotencyKey: "k" });
    if (!first.ok) throw first.error;
    const duplicate = await refusal({ ...call, idempotencyKey: "k" });
    expect(duplicate).toMatchObject({
      code: "DUPLICATE_NOTIFICATION",
      details: { notificationId: first.notification.id, sameInput: true },
    });
    expect((await refusal({ ...call, data: {}, idempotencyKey: "k" })).code).toBe("DUPLICATE_NOTIFICATION");
    await driven.knock.engine.setWorkflowStatus("comment", "inactive");
    expect((await refusal(call)).code).toBe("WORKFLOW_INACTIVE");
    const nested = await simulated({ workflow: "starting", recipients: ["ada"], data: {} });
    expect(decisions(of(nested, "ada"))).toContain("more skipped WORKFLOW_INACTIVE");
  });

  test.each<[string, unknown, string]>([
    ["a moment that is none", { at: new Date("nonsense") }, "at"],
    ["text as a moment", { at: "2026-01-01" }, "at"],
    ["a moment before ids begin", { at: new Date("1000-01-01T00:00:00Z") }, "at"],
    ["a moment that no calendar has", { at: new Date("+012000-01-01T00:00:00Z") }, "at"],
    ["no people", { first: 0 }, "first"],
    ["too many people", { first: 1_001 }, "first"],
    ["half a person", { first: 1.5 }, "first"],
    ["assumptions that are none", { assume: 7 }, "assume"],
    ["unknown assumptions", { assume: { weather: "fine" } }, "assume"],
    ["an answer that is none", { assume: { fetch: { plan: "pro" } } }, "assume.fetch.plan"],
    ["a status that is none", { assume: { fetch: { plan: { status: 99 } } } }, "assume.fetch.plan.status"],
    ["a moment of messages that is none", { assume: { messages: { mail: "lost" } } }, "assume.messages.mail"],
    ["a duration that is none", { assume: { events: [{ name: "e", after: "soon" }] } }, "assume.events.0.after"],
    ["a call that no step makes", { assume: { fetch: { plann: {} } } }, "assume.fetch.plann"],
    ["a call by the name of a message", { assume: { fetch: { mail: {} } } }, "assume.fetch.mail"],
    ["a message that no step makes", { assume: { messages: { mial: "read" } } }, "assume.messages.mial"],
    ["a name that every object has", { assume: { messages: { toString: "read" } } }, "assume.messages.toString"],
    ["what cannot be JSON", { assume: { fetch: { plan: { data: 7n } } } }, "assume.fetch.plan.data"],
  ])("%s", async (_name, options, path) => {
    const error = await refusal(call, options as SimulateOptions);
    expect(error.code).toBe("INVALID_INPUT");
    const { issues } = error.details as { issues: { path: (string | number)[] }[] };
    expect(issues.map((issue) => issue.path.join("."))).toContain(path);
  });

  test("and it is said what was probably meant", async () => {
    const error = await refusal(call, { assume: { messages: { mial: "read" } } });
    expect(error.message).toContain('did you mean "mail"?');
  });
});
