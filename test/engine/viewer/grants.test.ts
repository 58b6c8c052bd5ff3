import { describe, expect, test } from "vitest";
import { grantedTenants, grantsFor } from "../../../src/engine/viewer/grants.ts";

const host = "https://api.knock.app";
const may = { "user/feed_read": [{}] };

describe("the tenants that a token is limited to", () => {
  test.each<[string, unknown, string[] | null]>([
    ["no grants", undefined, null],
    ["null", null, null],
    ["an empty map", {}, null],
    ["an empty map as PHP writes it", [], null],
    ["the person alone", { [`${host}/v1/users/ada`]: may }, null],
    ["an object alone", { [`${host}/v1/objects/videos/7`]: may }, null],
    ["a tenant", { [`${host}/v1/tenants/acme`]: may }, ["acme"]],
    ["a tenant as the SDKs write it", { [`${host}/v1/objects/$tenants/acme`]: may }, ["acme"]],
    ["a tenant with an escaped $", { [`${host}/v1/objects/%24tenants/acme`]: may }, ["acme"]],
    ["a tenant of another server", { "http://localhost:7300/v1/tenants/acme": may }, ["acme"]],
    ["a tenant without a server", { "/v1/tenants/acme": may }, ["acme"]],
    ["a tenant with nothing to do", { [`${host}/v1/tenants/acme`]: {} }, ["acme"]],
    [
      "two tenants, one of them twice, and the person",
      {
        [`${host}/v1/tenants/a`]: may,
        [`${host}/v1/objects/$tenants/a`]: may,
        [`${host}/v1/tenants/b`]: may,
        [`${host}/v1/users/ada`]: may,
      },
      ["a", "b"],
    ],
    ["an id with slashes, spaces and %", { [`${host}/v1/objects/$tenants/a/b c%`]: may }, ["a/b c%"]],
    ["an id that would decode to another", { [`${host}/v1/tenants/%61cme`]: may }, ["%61cme"]],
    ["an id that looks like a tenant's address", { [`${host}/v1/tenants/v1/tenants/acme`]: may }, ["v1/tenants/acme"]],
    ["a person whose id looks like a tenant's address", { [`${host}/v1/users/x/v1/tenants/acme`]: may }, null],
    ["an object whose id looks like a tenant's address", { [`${host}/v1/objects/x/v1/tenants/acme`]: may }, null],
  ])("%s", (_name, grants, tenants) => {
    expect(grantedTenants({ grants })).toEqual(tenants);
  });

  test("are those that were signed", () => {
    const tenants = ["acme", "a/b", "ü 100%", "__proto__"];
    expect(grantedTenants({ grants: JSON.parse(JSON.stringify(grantsFor(tenants))) })).toEqual(tenants);
  });
});

// Each would otherwise be a token without limits.
test.each<[string, object]>([
  ["a text", { grants: "acme" }],
  ["a list", { grants: [{ [`${host}/v1/tenants/acme`]: may }] }],
  ["a number", { grants: 1 }],
  ["a tenant by its id alone", { grants: { acme: may } }],
  ["a tenant below another path", { grants: { [`${host}/knock/v1/tenants/acme`]: may } }],
  ["tenants without an id", { grants: { [`${host}/v1/tenants/`]: may } }],
  ["all tenants", { grants: { [`${host}/v1/tenants`]: may } }],
  ["a tenant in other letters", { grants: { [`${host}/V1/Tenants/acme`]: may } }],
  ["the collection of tenants", { grants: { [`${host}/v1/objects/$tenants`]: may } }],
  ["a tenant that cannot be stored", { grants: { [`${host}/v1/tenants/a\0`]: may } }],
  ["explicit grants", { explicit_grants: true, grants: { [`${host}/v1/users/ada`]: { "user/read": [{}] } } }],
])("%s is not understood", (_name, claims) => {
  expect(() => grantedTenants(claims as Record<string, unknown>)).toThrow(
    expect.objectContaining({ name: "MalformedGrants" }),
  );
});
