import { describe, expect, test } from "vitest";
import { channelTypeNames, preferenceSetSchema, type PreferenceSet } from "../../src/definition/preference-set.ts";
import { channelKinds } from "../../src/definition/steps/channel.ts";

function problems(input: unknown): string[] {
  const parsed = preferenceSetSchema.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join("/")}: ${message}`);
}

const isPro = { op: "eq", ref: "recipient.plan", to: { value: "pro" } } as const;

test("preferences speak about every kind of channel step", () => {
  expect([...channelTypeNames].toSorted()).toEqual(channelKinds.toSorted());
});

describe("a document", () => {
  test.each<[PreferenceSet]>([
    [{}],
    [{ workflows: { "new-comment": false }, categories: { "Product news": true }, commercialSubscribed: false }],
    [{ workflows: { a: { channelTypes: { inApp: true, email: false }, channels: { ses: { conditions: [isPro] } } } } }],
    [{ categories: { a: { conditions: [] }, b: {}, constructor: true, toString: false } }],
    [{ categories: { a: { __strategy__: "replace", channelTypes: { email: false } }, b: { __strategy__: "merge" } } }],
    [{ channelTypes: { __strategy__: "replace", email: false, push: { conditions: [isPro] } } }],
    [{ channels: { __strategy__: "merge", ses: true, "550e8400-e29b-41d4-a716-446655440000": false } }],
    [{ commercialSubscribed: { conditions: [isPro] } }],
  ])("%j is accepted as it is", (document) => {
    expect(preferenceSetSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
  });

  const known = "unknown member; known are";
  test.each<[unknown, string]>([
    [null, ": a set of preferences is an object"],
    [[], ": a set of preferences is an object"],
    ["{}", ": a set of preferences is an object"],
    [{ id: "default" }, `id: ${known} workflows, categories, channelTypes, channels, commercialSubscribed`],
    [{ channel_types: {} }, `channel_types: ${known} workflows`],
    [{ __strategy__: "replace" }, `__strategy__: ${known} workflows`],
    [JSON.parse('{"__proto__":{"workflows":{}}}'), `__proto__: ${known} workflows`],
    [{ workflows: [] }, "workflows: entries by name, as an object"],
    [{ workflows: null }, "workflows: entries by name, as an object"],
    [{ workflows: { a: 1 } }, "workflows/a: true, false or an object of channelTypes, channels and conditions"],
    [{ workflows: { a: "false" } }, "workflows/a: true, false or an object"],
    [{ workflows: { a: null } }, "workflows/a: true, false or an object"],
    [
      { workflows: { a: { channel_types: {} } } },
      `workflows/a/channel_types: ${known} channelTypes, channels, conditions`,
    ],
    [
      { workflows: { a: { __strategy__: "override" } } },
      'workflows/a/__strategy__: __strategy__ is "merge" or "replace"',
    ],
    [
      { workflows: { a: { channels: { __strategy__: "replace" } } } },
      "workflows/a/channels/__strategy__: a name between double",
    ],
    [
      { workflows: { a: { channelTypes: { __strategy__: "merge" } } } },
      `workflows/a/channelTypes/__strategy__: ${known} inApp`,
    ],
    [
      JSON.parse('{"workflows":{"__proto__":false}}'),
      "workflows/__proto__: a name between double underscores is reserved",
    ],
    [JSON.parse('{"workflows":{"a":{"__proto__":false}}}'), `workflows/a/__proto__: ${known}`],
    [{ workflows: { "": true } }, "workflows/: a name is empty"],
    [{ categories: { ["c".repeat(256)]: true } }, ": a name is longer than 255 characters"],
    [{ categories: { "a\0": true } }, ": a name holds a character that cannot be stored"],
    [
      { channelTypes: { in_app_feed: true } },
      `channelTypes/in_app_feed: ${known} inApp, email, sms, push, chat, webhook`,
    ],
    [{ channelTypes: { email: "off" } }, "channelTypes/email: true, false or { conditions }"],
    [{ channelTypes: { email: {} } }, "channelTypes/email/conditions: conditions are a list; all of them must hold"],
    [
      { channelTypes: { email: { conditions: [isPro], channels: {} } } },
      `channelTypes/email/channels: ${known} conditions`,
    ],
    [{ channels: { ses: "replace" } }, "channels/ses: true, false or { conditions }"],
    [
      { channels: { ses: { conditions: [{ op: "is", ref: "data.a" }] } } },
      "channels/ses/conditions/0/op: a condition has",
    ],
    [{ categories: { a: { conditions: isPro } } }, "categories/a/conditions: conditions are a list"],
    [
      { categories: { a: { channelTypes: { email: { conditions: [isPro, { op: "exists", ref: "steps.a" }] } } } } },
      "categories/a/channelTypes/email/conditions/1/ref: a reference begins with data, recipient, actor",
    ],
    [{ commercialSubscribed: "no" }, "commercialSubscribed: true, false or { conditions }"],
  ])("%j is refused with its path", (document, expected) => {
    expect(problems(document)).toContainEqual(expect.stringContaining(expected));
  });

  test("every problem is reported, not the first alone", () => {
    expect(problems({ workflows: { a: 1 }, channelTypes: { fax: true, email: 5 }, x: 1 })).toHaveLength(4);
  });

  test("sizes are bounded, whatever was sent", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, true]));
    expect(problems({ workflows: many(1_000), categories: many(1_000) })).toEqual([]);
    expect(problems({ workflows: many(1_001) })).toEqual(["workflows: there are more than 1000 entries"]);
    expect(problems({ channels: { ...many(1_001), __strategy__: "merge" } })).toEqual([
      "channels: there are more than 1000 entries",
    ]);
    expect(problems({ workflows: { a: { conditions: Array(51).fill(isPro) } } })).toEqual([
      "workflows/a/conditions: an entry has more than 50 conditions",
    ]);
    expect(problems({ junk: "x".repeat(300_000) })).toEqual([": the document is larger than 256 kB"]);
    let deep: unknown = true;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(problems({ junk: deep })).toEqual([": the document is nested too deeply"]);
    expect(problems({ junk: Array(3_000_000).fill(0) })).toEqual([": the document is larger than 256 kB"]);
  });
});
