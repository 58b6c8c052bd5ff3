import { expect, test } from "vitest";
import { env } from "../../../src/channels/env.ts";
import { createTokenKeys } from "../../../src/engine/viewer/keys.ts";
import { settingsOf } from "../../../src/engine/settings.ts";
import type { Config } from "../../../src/registry/config.ts";

const { publicKey } = createTokenKeys();
const settings = (endUsers?: Config["endUsers"], environment = {}) =>
  settingsOf({ workflows: {}, channels: {}, ...(endUsers && { endUsers }) }, environment);

test("keys come from the config or the environment", () => {
  expect(settings().userTokenKeys).toEqual([]);
  const publicKeys = [env("NEW_KEY"), publicKey];
  expect(settings({ publicKeys }, { NEW_KEY: "new" }).userTokenKeys).toEqual(["new", publicKey]);
  expect(() => settings({ publicKeys })).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }));
});

test("pages of all origins may call, unless some are named", () => {
  expect(settings().origins).toBe("*");
  const origins = ["https://app.example.com", "http://localhost:5173", "capacitor://localhost"];
  expect(settings({ publicKeys: [], origins }).origins).toEqual(origins);
});

test.each(["https://app.example.com/", "app.example.com", "https://*.example.com", "null", "", "*"])(
  "%j is no origin",
  (origin) => {
    expect(() => settings({ publicKeys: [], origins: [origin] })).toThrow(/endUsers\.origins holds/);
  },
);
