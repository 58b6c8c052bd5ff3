import { describe, expect, test } from "vitest";
import type { PreferenceSet } from "../../src/definition/preference-set.ts";
import {
  compilePreferences,
  decidePreferences,
  mergedPreferences,
  type PreferenceLayers,
} from "../../src/engine/preferences.ts";
import { allowed, ask, email, inApp, now } from "./preferences-question.ts";

describe("what is not set is on", () => {
  test.each<[PreferenceLayers, string]>([
    [{}, "no preference is set, so everything is on"],
    [{ recipient: null, environment: undefined }, "no preference is set, so everything is on"],
    [{ recipient: {}, environment: {} }, "no preference speaks about this workflow and channel, so it is on"],
    [
      { recipient: { workflows: { other: false }, channelTypes: { sms: false }, channels: { feed: false } } },
      "no preference speaks about this workflow and channel, so it is on",
    ],
    [
      { recipient: { workflows: { "new-comment": { channelTypes: { sms: false } } } } },
      "no preference speaks about this workflow and channel, so it is on",
    ],
  ])("%j", (layers, reason) => {
    expect(ask(layers)).toEqual({ allowed: true, reason, decidedBy: null, entries: [], values: {} });
  });

  test("names that every object inherits are no preferences", () => {
    const workflow = { key: "constructor", categories: ["toString", "__proto__", "valueOf"] };
    expect(
      ask(
        { recipient: { workflows: {}, categories: {}, channels: {} } },
        { workflow, channel: { key: "constructor", type: "email" } },
      ).entries,
    ).toEqual([]);
    expect(allowed({ recipient: { workflows: { constructor: false } } }, { workflow })).toBe(false);
  });
});

describe("which sets take part", () => {
  const off: PreferenceSet = { channelTypes: { email: false } };
  const on: PreferenceSet = { channelTypes: { email: true } };

  test.each<[string, PreferenceLayers, boolean, string | null]>([
    [
      "no tenant: the recipient's set wins over the environment's",
      { recipient: on, environment: off },
      false,
      "recipient",
    ],
    [
      "no tenant: the environment's where the recipient is silent",
      { recipient: {}, environment: off },
      false,
      "environment",
    ],
    ["no tenant: tenant sets do not count", { recipientTenant: off, tenant: off, recipient: {} }, false, null],
    [
      "tenant: the recipient's set for it wins",
      { recipientTenant: on, tenant: off, environment: off, recipient: off },
      true,
      "recipientTenant",
    ],
    ["tenant: then the tenant's", { recipientTenant: {}, tenant: off, environment: on, recipient: on }, true, "tenant"],
    [
      "tenant: then the environment's",
      { recipientTenant: {}, tenant: {}, environment: off, recipient: on },
      true,
      "environment",
    ],
    ["tenant: the recipient's own set is not used", { tenant: {}, recipient: off }, true, null],
    ["tenant: nor with a set of the recipient for it alone", { recipientTenant: {}, recipient: off }, true, null],
    ["tenant without any set: as without a tenant", { recipient: off, environment: on }, true, "recipient"],
    [
      "tenant without any set, given as null",
      { recipientTenant: null, tenant: null, recipient: off },
      true,
      "recipient",
    ],
  ])("%s", (_name, layers, hasTenant, layer) => {
    const { decidedBy, allowed: is } = ask(layers, { hasTenant });
    expect(decidedBy).toEqual(layer && { layer, entry: "channelTypes.email" });
    expect(is).toBe(layer === null || layers[layer as keyof PreferenceLayers] === on);
  });
});

describe("documented examples of merging", () => {
  const environment: PreferenceSet = { channelTypes: { sms: false }, categories: { collaboration: true } };
  const sms = { key: "twilio", type: "sms" } as const;
  const about = (category: string) => ({ categories: [category] });

  test("the recipient turns on what the environment turned off, and inherits the rest", () => {
    const layers = { recipient: { channelTypes: { sms: true } }, environment };
    expect(ask(layers, { channel: sms, workflow: about("collaboration") })).toMatchObject({
      allowed: true,
      entries: [
        { entry: "categories.collaboration", layer: "environment", value: true },
        { entry: "channelTypes.sms", layer: "recipient", value: true },
      ],
    });
  });

  test("with a tenant: the environment counts where both are silent, the recipient beats the tenant", () => {
    const layers = {
      recipientTenant: { categories: { reminders: false } },
      tenant: { categories: { reminders: true } },
      environment,
    };
    expect(ask(layers, { hasTenant: true, workflow: about("reminders") })).toMatchObject({
      allowed: false,
      reason: 'category "reminders" is off in the recipient\'s set for this tenant',
    });
    expect(ask(layers, { hasTenant: true, workflow: about("collaboration"), channel: sms })).toMatchObject({
      allowed: false,
      decidedBy: { layer: "environment", entry: "channelTypes.sms" },
    });
    expect(allowed(layers, { hasTenant: true, workflow: about("collaboration") })).toBe(true);
  });

  test("replace: the tenant overrules the recipient for one category and for that alone", () => {
    const layers = {
      recipientTenant: {
        categories: {
          collaboration: { channelTypes: { email: true } },
          "project-updates": { channelTypes: { email: true } },
        },
      },
      tenant: {
        categories: {
          collaboration: { __strategy__: "replace", channelTypes: { email: false } },
          "project-updates": { channelTypes: { email: false } },
        },
      },
    } satisfies PreferenceLayers;
    expect(ask(layers, { hasTenant: true, workflow: about("collaboration") })).toMatchObject({
      allowed: false,
      reason: 'category "collaboration" is off for email in the tenant\'s default set, which overrules higher sets',
      decidedBy: { layer: "tenant", entry: "categories.collaboration.channelTypes.email" },
    });
    expect(allowed(layers, { hasTenant: true, workflow: about("project-updates") })).toBe(true);
    const without = { ...layers, tenant: { categories: { collaboration: { channelTypes: { email: false } } } } };
    expect(allowed(without, { hasTenant: true, workflow: about("collaboration") })).toBe(true);
  });

  test("replace on channel types and on channels for everything", () => {
    const environmentTypes: PreferenceSet = { channelTypes: { __strategy__: "replace", email: false, sms: true } };
    expect(allowed({ recipient: { channelTypes: { email: true } }, environment: environmentTypes })).toBe(false);
    expect(
      allowed({ recipient: { channelTypes: { inApp: false } }, environment: environmentTypes }, { channel: inApp }),
    ).toBe(true);
    expect(allowed({ recipient: { channels: { ses: false } }, environment: environmentTypes })).toBe(false);
    expect(allowed({ recipient: { channels: { ses: true } }, environment: environmentTypes })).toBe(true);
    expect(
      allowed({ recipient: { channels: { ses: false } }, environment: { channels: { __strategy__: "replace" } } }),
    ).toBe(true);
  });
});

describe("required workflows", () => {
  test("nobody can opt out, and no set is read", () => {
    const recipient = {
      workflows: { "new-comment": false },
      channelTypes: { email: false },
      commercialSubscribed: false,
    };
    expect(ask({ recipient }, { workflow: { required: true, commercial: true } })).toEqual({
      allowed: true,
      reason: "the workflow is required, so preferences do not apply",
      decidedBy: null,
      entries: [],
      values: {},
    });
  });
});

describe("the commercial subscription", () => {
  const commercial = { commercial: true };

  test("blocks commercial workflows and nothing else", () => {
    const layers = { recipient: { commercialSubscribed: false } };
    expect(ask(layers, { workflow: commercial })).toMatchObject({
      allowed: false,
      reason: "the commercial subscription is off in the recipient's set",
      decidedBy: { layer: "recipient", entry: "commercialSubscribed" },
    });
    expect(allowed(layers)).toBe(true);
    expect(allowed({ recipient: {} }, { workflow: commercial })).toBe(true);
  });

  test("does not override the other preferences", () => {
    expect(
      allowed({ recipient: { commercialSubscribed: true, channelTypes: { email: false } } }, { workflow: commercial }),
    ).toBe(false);
  });

  test("may depend on conditions", () => {
    const layers = { recipient: { commercialSubscribed: { conditions: [{ op: "exists", ref: "tenant" } as const] } } };
    expect(allowed(layers, { workflow: commercial })).toBe(false);
    expect(allowed(layers, { workflow: commercial, scope: { tenant: { id: "acme" } } })).toBe(true);
  });

  test.each<[string, PreferenceLayers, boolean, string | null]>([
    [
      "the recipient's value beats the environment's",
      { recipient: { commercialSubscribed: false }, environment: { commercialSubscribed: true } },
      false,
      "recipient",
    ],
    [
      "the environment's where the recipient is silent",
      { recipient: {}, environment: { commercialSubscribed: false } },
      false,
      "environment",
    ],
    [
      "with a tenant the recipient's own set still counts",
      { tenant: {}, recipient: { commercialSubscribed: false } },
      true,
      "recipient",
    ],
    [
      "and beats the tenant's",
      {
        tenant: { commercialSubscribed: true },
        environment: { commercialSubscribed: true },
        recipient: { commercialSubscribed: false },
      },
      true,
      "recipient",
    ],
    [
      "the tenant's beats the environment's",
      { tenant: { commercialSubscribed: false }, environment: { commercialSubscribed: true } },
      true,
      "tenant",
    ],
    [
      "the recipient's set for the tenant does not speak about it",
      { recipientTenant: { commercialSubscribed: false } },
      true,
      null,
    ],
  ])("%s", (_name, layers, hasTenant, layer) => {
    const { decidedBy, allowed: is } = ask(layers, { hasTenant, workflow: commercial });
    expect(decidedBy).toEqual(layer && { layer, entry: "commercialSubscribed" });
    expect(is).toBe(layer === null);
  });
});

test("sets are chosen once and asked for many steps", () => {
  const compiled = compilePreferences(
    { recipient: { channelTypes: { email: false } }, environment: { channelTypes: { inApp: false } } },
    false,
  );
  const workflow = { key: "a", categories: [], required: false, commercial: false };
  const reasons = [email, inApp, { key: "fcm", type: "push" } as const].map(
    (channel) => decidePreferences(compiled, { workflow, channel, scope: {}, now }).reason,
  );
  expect(reasons).toEqual([
    "email is off in the recipient's set",
    "in-app is off in the environment's default set",
    "no preference speaks about this workflow and channel, so it is on",
  ]);
});

test("the merged set that people see: the layers that count, and the recipient's own commercial subscription", () => {
  const layers = {
    recipient: { commercialSubscribed: false, channelTypes: { email: false } },
    recipientTenant: { commercialSubscribed: true, channelTypes: { sms: true } },
    environment: { commercialSubscribed: true, channelTypes: { sms: false, push: false } },
  };
  expect(mergedPreferences(compilePreferences(layers, true))).toEqual({
    set: { channelTypes: { sms: true, push: false }, commercialSubscribed: false },
    origins: [
      { path: ["channelTypes", "sms"], layer: "recipientTenant" },
      { path: ["channelTypes", "push"], layer: "environment" },
      { path: ["commercialSubscribed"], layer: "recipient" },
    ],
  });
  expect(mergedPreferences(compilePreferences({}, true))).toEqual({ set: {}, origins: [] });
});
