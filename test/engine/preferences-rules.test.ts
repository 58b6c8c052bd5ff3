import { describe, expect, test } from "vitest";
import type { PreferenceSet } from "../../src/definition/preference-set.ts";
import { allowed, ask, inApp } from "./preferences-question.ts";

describe("every entry that applies must allow", () => {
  test.each<[string, PreferenceSet, boolean]>([
    ["the workflow is off", { workflows: { "new-comment": false } }, false],
    ["one of two categories is off", { categories: { comments: true, social: false } }, false],
    ["the type is off for everything", { channelTypes: { email: false } }, false],
    ["the channel is off for everything", { channels: { ses: false } }, false],
    ["the workflow is off for the type", { workflows: { "new-comment": { channelTypes: { email: false } } } }, false],
    ["the category is off for the channel", { categories: { social: { channels: { ses: false } } } }, false],
    [
      "a category is off although the workflow allows the channel",
      {
        categories: { social: false },
        workflows: { "new-comment": { channelTypes: { email: true }, channels: { ses: true } } },
      },
      false,
    ],
    [
      "on for the workflow, off for everything",
      { channelTypes: { email: false }, workflows: { "new-comment": true } },
      false,
    ],
    [
      "on for everything, off for the workflow",
      { channelTypes: { email: true }, workflows: { "new-comment": false } },
      false,
    ],
    ["the channel decides over its type", { channelTypes: { email: false }, channels: { ses: true } }, true],
    ["the channel decides over its type, off", { channelTypes: { email: true }, channels: { ses: false } }, false],
    [
      "the channel decides over its type, within one entry",
      { workflows: { "new-comment": { channelTypes: { email: false }, channels: { ses: true } } } },
      true,
    ],
    [
      "a channel of one entry says nothing about the type of another",
      { workflows: { "new-comment": { channels: { ses: true } } }, channelTypes: { email: false } },
      false,
    ],
    ["another channel of the type", { channels: { other: true }, channelTypes: { email: false } }, false],
    [
      "all is on",
      { workflows: { "new-comment": true }, categories: { comments: true }, channelTypes: { email: true } },
      true,
    ],
    ["names are case-sensitive", { categories: { Comments: false }, workflows: { "New-Comment": false } }, true],
    ["an empty entry", { workflows: { "new-comment": {} } }, true],
  ])("%s", (_name, recipient, expected) => {
    expect(allowed({ recipient })).toBe(expected);
  });

  test("the channel decides over its type after merging, whichever layers they come from", () => {
    expect(allowed({ recipient: { channelTypes: { email: false } }, environment: { channels: { ses: true } } })).toBe(
      true,
    );
    const entry = (part: object) => ({ workflows: { "new-comment": part } });
    expect(
      allowed({
        recipient: entry({ channelTypes: { email: false } }),
        environment: entry({ channels: { ses: true } }),
      }),
    ).toBe(true);
  });

  test("every entry that applies is listed, and the first that blocks decides", () => {
    const decision = ask({
      recipient: { workflows: { "new-comment": true }, categories: { social: { channels: { ses: false } } } },
      environment: { categories: { comments: true, other: false }, channelTypes: { email: false, sms: false } },
    });
    expect(decision).toEqual({
      allowed: false,
      reason: 'category "social" is off for channel "ses" in the recipient\'s set',
      decidedBy: { layer: "recipient", entry: "categories.social.channels.ses" },
      values: {},
      entries: [
        {
          entry: "workflows.new-comment",
          layer: "recipient",
          value: true,
          allowed: true,
          reason: 'workflow "new-comment" is on in the recipient\'s set',
        },
        {
          entry: "categories.comments",
          layer: "environment",
          value: true,
          allowed: true,
          reason: 'category "comments" is on in the environment\'s default set',
        },
        {
          entry: "categories.social.channels.ses",
          layer: "recipient",
          value: false,
          allowed: false,
          reason: 'category "social" is off for channel "ses" in the recipient\'s set',
        },
        {
          entry: "channelTypes.email",
          layer: "environment",
          value: false,
          allowed: false,
          reason: "email is off in the environment's default set",
        },
      ],
    });
  });

  test("when all allow, the first names itself", () => {
    expect(ask({ recipient: { channelTypes: { inApp: true } } }, { channel: inApp })).toMatchObject({
      allowed: true,
      reason: "in-app is on in the recipient's set",
      decidedBy: { layer: "recipient", entry: "channelTypes.inApp" },
    });
  });
});

describe("conditions", () => {
  const isPro = { op: "eq", ref: "recipient.plan", to: { value: "pro" } } as const;
  const notMuted = { op: "notContains", ref: "recipient.muted", to: { ref: "data.dino" } } as const;
  const scope = { recipient: { plan: "free", muted: ["rex"] }, data: { dino: "raptor" } };

  test("the documented example: muting one thing", () => {
    const layers = { recipient: { workflows: { "new-comment": { conditions: [notMuted] } } } };
    expect(allowed(layers, { scope })).toBe(true);
    expect(ask(layers, { scope: { ...scope, data: { dino: "rex" } } })).toEqual({
      allowed: false,
      reason:
        'workflow "new-comment" is off by a condition in the recipient\'s set: recipient.muted is ["rex"], wanted without "rex" (data.dino) in it',
      decidedBy: { layer: "recipient", entry: "workflows.new-comment.conditions" },
      values: { "recipient.muted": ["rex"], "data.dino": "rex" },
      entries: [expect.objectContaining({ value: { conditions: [notMuted] }, allowed: false })],
    });
  });

  test.each<[string, PreferenceSet, string]>([
    ["a category", { categories: { social: { conditions: [isPro] } } }, "categories.social.conditions"],
    ["a type", { channelTypes: { email: { conditions: [isPro] } } }, "channelTypes.email"],
    ["a channel", { channels: { ses: { conditions: [isPro] } } }, "channels.ses"],
    [
      "a type in a workflow",
      { workflows: { "new-comment": { channelTypes: { email: { conditions: [isPro] } } } } },
      "workflows.new-comment.channelTypes.email",
    ],
    [
      "a channel in a category",
      { categories: { social: { channels: { ses: { conditions: [isPro] } } } } },
      "categories.social.channels.ses",
    ],
  ])("inside %s", (_name, recipient, entry) => {
    expect(ask({ recipient }, { scope })).toMatchObject({ allowed: false, decidedBy: { entry } });
    expect(allowed({ recipient }, { scope: { recipient: { plan: "pro" } } })).toBe(true);
  });

  test("all of them must hold; an empty list holds", () => {
    const entry = (conditions: PreferenceSet["commercialSubscribed"] & object) => ({
      recipient: { channelTypes: { email: conditions } },
    });
    expect(allowed(entry({ conditions: [notMuted, isPro] }), { scope })).toBe(false);
    expect(allowed(entry({ conditions: [notMuted] }), { scope })).toBe(true);
    expect(allowed(entry({ conditions: [] }), { scope })).toBe(true);
  });

  test("conditions and the channel of one entry must both allow", () => {
    const both = (email: boolean) => ({
      recipient: { workflows: { "new-comment": { conditions: [notMuted], channelTypes: { email } } } },
    });
    expect(allowed(both(true), { scope })).toBe(true);
    expect(ask(both(false), { scope })).toMatchObject({
      allowed: false,
      decidedBy: { entry: "workflows.new-comment.channelTypes.email" },
    });
  });

  test("conditions and channels of one entry may come from different layers", () => {
    const layers = {
      recipient: { workflows: { "new-comment": { channelTypes: { email: true } } } },
      environment: { workflows: { "new-comment": { conditions: [isPro] } } },
    };
    expect(ask(layers, { scope })).toMatchObject({ allowed: false, decidedBy: { layer: "environment" } });
  });
});
