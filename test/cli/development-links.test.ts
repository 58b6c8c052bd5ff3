import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withDevelopmentLinks } from "../../src/cli/development-links.ts";
import { env } from "../../src/channels/env.ts";
import type { Config } from "../../src/registry/config.ts";
import { temporary } from "./support/project.ts";

const config: Config = { workflows: {}, channels: {} };
const file = "link-secret";

test("without links in the config, a secret is made once and kept for its owner alone", () => {
  const { root: directory } = temporary({});
  const { links } = withDevelopmentLinks(config, { directory, environment: {} }).config;
  expect(links!.secrets[0]).toMatch(/^[\w-]{43}$/);
  expect(readFileSync(join(directory, file), "utf8").trim()).toBe(links!.secrets[0]);
  expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
  expect(withDevelopmentLinks(config, { directory, environment: {} }).config.links).toEqual(links);
});

test("links of the config count, unless only production has their variables", () => {
  const { root: directory } = temporary({});
  const links = { url: "https://notify.example.com", secrets: [env("LINK_SECRET")] };
  const given = { ...config, links };
  expect(withDevelopmentLinks(given, { directory, environment: { LINK_SECRET: "x".repeat(32) } }).config).toBe(given);
  expect(existsSync(join(directory, file))).toBe(false);
  expect(withDevelopmentLinks(given, { directory, environment: {} }).config.links!.url).toBe("http://localhost");
});
