import { expect, test } from "vitest";
import { startSdkServer } from "./support/server.ts";

test("the surface is behind the keys of the server, and its document before them", async () => {
  const { url, secretKey } = await startSdkServer();
  const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${url}${path}`, { headers });
  const bearer = { authorization: `Bearer ${secretKey}` };
  const refused = await ask("/v1/bulk_operations/x");
  expect([refused.status, await refused.json()]).toMatchObject([401, { code: "authentication_required", status: 401 }]);
  expect(refused.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  const missing = await ask("/v1/bulk_operations/x", bearer);
  expect([missing.status, await missing.json()]).toMatchObject([404, { code: "resource_missing" }]);
  const unknown = await ask("/v1/nowhere", bearer);
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: "not_found" }]);
  expect((await ask("/v1/integrations/census/custom", bearer)).status).toBe(501);
  const document = await ask("/v1/openapi.json");
  expect(await document.json()).toMatchObject({ openapi: "3.1.0" });
});
