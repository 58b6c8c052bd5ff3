import { describe, expect, test } from "vitest";
import { applyPreferenceChange, mergePreferenceSets } from "../../src/definition/merge-preference-sets.ts";
import type { PreferenceSet } from "../../src/definition/preference-set.ts";

const isPro = { op: "eq", ref: "recipient.plan", to: { value: "pro" } } as const;

const merged = (...sets: PreferenceSet[]) =>
  mergePreferenceSets(sets.map((set, index) => ({ name: `${index + 1}`, set })));

describe("merging, the higher set first", () => {
  test.each<[string, PreferenceSet[], PreferenceSet]>([
    ["nothing", [], {}],
    ["one set", [{ workflows: { a: false } }], { workflows: { a: false } }],
    [
      "the higher value wins",
      [{ channelTypes: { sms: true } }, { channelTypes: { sms: false } }],
      { channelTypes: { sms: true } },
    ],
    [
      "what only the lower set says is inherited",
      [{ channelTypes: { sms: true } }, { categories: { collaboration: true } }],
      { categories: { collaboration: true }, channelTypes: { sms: true } },
    ],
    [
      "entries merge deeply",
      [
        { categories: { a: { channelTypes: { email: true } } } },
        { categories: { a: { channelTypes: { email: false, sms: false } } } },
      ],
      { categories: { a: { channelTypes: { email: true, sms: false } } } },
    ],
    [
      "three sets",
      [
        { workflows: { a: { channels: { x: true } } } },
        { workflows: { a: { conditions: [] } } },
        { workflows: { a: { channels: { x: false, y: false } } } },
      ],
      { workflows: { a: { channels: { x: true, y: false }, conditions: [] } } },
    ],
    [
      "conditions of the higher set replace those of the lower",
      [{ workflows: { a: { conditions: [] } } }, { workflows: { a: { conditions: [isPro] } } }],
      { workflows: { a: { conditions: [] } } },
    ],
    [
      "a switch above an object wins whole",
      [{ workflows: { a: true } }, { workflows: { a: { channelTypes: { email: false } } } }],
      { workflows: { a: true } },
    ],
    [
      "an object above a switch wins whole",
      [{ workflows: { a: { channelTypes: { email: true } } } }, { workflows: { a: false } }],
      { workflows: { a: { channelTypes: { email: true } } } },
    ],
    [
      "a switch in between cuts off what lies below it",
      [
        { workflows: { a: { channelTypes: { email: true } } } },
        { workflows: { a: true } },
        { workflows: { a: { channelTypes: { sms: false } } } },
      ],
      { workflows: { a: { channelTypes: { email: true } } } },
    ],
    [
      "conditions of a channel win whole",
      [{ channelTypes: { email: { conditions: [isPro] } } }, { channelTypes: { email: false } }],
      { channelTypes: { email: { conditions: [isPro] } } },
    ],
  ])("%s", (_name, sets, expected) => {
    expect(merged(...sets).set).toEqual(expected);
  });

  test("the documented example of replace", () => {
    const recipient = {
      categories: {
        collaboration: { channelTypes: { email: true } },
        "project-updates": { channelTypes: { email: true } },
      },
    };
    const tenant: PreferenceSet = {
      categories: {
        collaboration: { __strategy__: "replace", channelTypes: { email: false } },
        "project-updates": { channelTypes: { email: false } },
      },
    };
    expect(merged(recipient, tenant)).toEqual({
      set: {
        categories: {
          collaboration: { __strategy__: "replace", channelTypes: { email: false } },
          "project-updates": { channelTypes: { email: true } },
        },
      },
      origins: [
        { path: ["categories", "collaboration", "channelTypes", "email"], layer: "2" },
        { path: ["categories", "project-updates", "channelTypes", "email"], layer: "1" },
      ],
    });
  });

  test.each<[string, PreferenceSet[], PreferenceSet]>([
    [
      "replace on the channel types of a lower set",
      [
        { channelTypes: { email: true, push: false } },
        { channelTypes: { __strategy__: "replace", email: false, sms: true } },
      ],
      { channelTypes: { __strategy__: "replace", email: false, sms: true } },
    ],
    [
      "replace on the channels of a lower set",
      [{ channels: { ses: true } }, { channels: { __strategy__: "replace", feed: false } }],
      { channels: { __strategy__: "replace", feed: false } },
    ],
    [
      "replace beats a switch",
      [{ workflows: { a: false } }, { workflows: { a: { __strategy__: "replace" } } }],
      { workflows: { a: { __strategy__: "replace" } } },
    ],
    [
      "replace still merges with what lies below it",
      [
        { workflows: { a: false } },
        { workflows: { a: { __strategy__: "replace", channelTypes: { email: false } } } },
        { workflows: { a: { channelTypes: { email: true, sms: false } } } },
      ],
      { workflows: { a: { __strategy__: "replace", channelTypes: { email: false, sms: false } } } },
    ],
    [
      "the lowest replace wins",
      [
        {},
        { workflows: { a: { __strategy__: "replace", conditions: [] } } },
        { workflows: { a: { __strategy__: "replace", channelTypes: { sms: false } } } },
      ],
      { workflows: { a: { __strategy__: "replace", channelTypes: { sms: false } } } },
    ],
    [
      "merge is no replace",
      [{ workflows: { a: false } }, { workflows: { a: { __strategy__: "merge", channelTypes: { sms: true } } } }],
      { workflows: { a: false } },
    ],
  ])("%s", (_name, sets, expected) => {
    expect(merged(...sets).set).toEqual(expected);
  });

  test("each value knows its layer", () => {
    const { origins } = merged(
      { workflows: { a: { channelTypes: { email: true } } }, channels: { ses: true } },
      {
        workflows: { a: { channelTypes: { email: false, sms: false } }, b: false },
        channels: { ses: false, x: false },
      },
      { workflows: { a: { conditions: [] }, c: {} }, commercialSubscribed: false },
    );
    expect(Object.fromEntries(origins.map(({ path, layer }) => [path.join("/"), layer]))).toEqual({
      "workflows/a/channelTypes/email": "1",
      "workflows/a/channelTypes/sms": "2",
      "workflows/a/conditions": "3",
      "workflows/b": "2",
      "workflows/c": "3",
      "channels/ses": "1",
      "channels/x": "2",
      commercialSubscribed: "3",
    });
  });

  test("the sets are not altered", () => {
    const sets: PreferenceSet[] = [
      { workflows: { a: { channels: { x: true } } } },
      { workflows: { a: { channels: { y: false } } } },
    ];
    const before = structuredClone(sets);
    merged(...sets);
    expect(sets).toEqual(before);
  });
});

describe("changing a stored set", () => {
  const stored: PreferenceSet = {
    categories: { collaboration: { channelTypes: { email: true, inApp: true } } },
    workflows: { a: false },
  };

  test("the documented example of merge", () => {
    const change = { categories: { collaboration: { channelTypes: { email: false } } } };
    expect(applyPreferenceChange(stored, change, "merge")).toEqual({
      categories: { collaboration: { channelTypes: { email: false, inApp: true } } },
      workflows: { a: false },
    });
    expect(applyPreferenceChange(stored, change, "replace")).toEqual(change);
    expect(applyPreferenceChange(null, change, "merge")).toEqual(change);
  });

  test("merge keeps a stored replace until the change says merge", () => {
    const marked: PreferenceSet = {
      categories: { a: { __strategy__: "replace", channelTypes: { email: false } } },
      channels: { __strategy__: "replace", x: true },
    };
    const kept = applyPreferenceChange(marked, { categories: { a: { channelTypes: { sms: true } } } }, "merge");
    expect(kept.categories).toEqual({ a: { __strategy__: "replace", channelTypes: { email: false, sms: true } } });
    const off = applyPreferenceChange(
      marked,
      { categories: { a: { __strategy__: "merge" } }, channels: { __strategy__: "merge" } },
      "merge",
    );
    expect(merged({ categories: { a: true }, channels: { x: false } }, off).set).toEqual({
      categories: { a: true },
      channels: { x: false },
    });
  });

  test("a stored replace does not resist a change of the same set", () => {
    const marked: PreferenceSet = { categories: { a: { __strategy__: "replace", channelTypes: { email: false } } } };
    expect(
      applyPreferenceChange(marked, { categories: { a: { channelTypes: { email: true } } } }, "merge").categories,
    ).toEqual({
      a: { __strategy__: "replace", channelTypes: { email: true } },
    });
  });

  test("switches and conditions are replaced whole", () => {
    const change: PreferenceSet = { categories: { collaboration: true }, workflows: { a: { conditions: [isPro] } } };
    const first = applyPreferenceChange(stored, change, "merge");
    expect(first).toEqual(change);
    expect(applyPreferenceChange(first, { workflows: { a: { conditions: [] } } }, "merge").workflows).toEqual({
      a: { conditions: [] },
    });
  });

  test("neither document is altered", () => {
    const before = structuredClone(stored);
    applyPreferenceChange(stored, { workflows: { a: true } }, "merge");
    expect(stored).toEqual(before);
  });
});
