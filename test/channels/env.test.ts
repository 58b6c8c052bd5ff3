import { inspect } from "node:util";
import { expect, test } from "vitest";
import { KnockError } from "../../src/base/errors.ts";
import { env, envReferences, isEnvReference, resolveEnv } from "../../src/channels/env.ts";

test("references are replaced at any depth, all else stays as it is", () => {
  const write = () => {};
  const at = new Date(0);
  const resolved = resolveEnv(
    { url: env("URL"), nested: [{ token: env("TOKEN") }], port: 25, write, at, none: null },
    { URL: "u", TOKEN: "t" },
  );
  expect(resolved).toEqual({ url: "u", nested: [{ token: "t" }], port: 25, write, at, none: null });
  expect(resolved.write).toBe(write);
  expect(resolved.at).toBe(at);
});

test("the fallback is used when the variable is not set or empty", () => {
  expect(resolveEnv(env("FROM", "a@example.com"), {})).toBe("a@example.com");
  expect(resolveEnv(env("FROM", "a@example.com"), { FROM: "" })).toBe("a@example.com");
  expect(resolveEnv(env("FROM", "a@example.com"), { FROM: "b@example.com" })).toBe("b@example.com");
  expect(resolveEnv(env("FROM", ""), {})).toBe("");
});

test("all missing variables are named at once, each once", () => {
  const resolve = () =>
    resolveEnv({ a: env("A_KEY"), b: [env("B_KEY"), env("A_KEY")], c: env("C_KEY") }, { C_KEY: "set", B_KEY: "" });
  expect(resolve).toThrow("the environment variables A_KEY, B_KEY are not set");
  try {
    resolve();
  } catch (error) {
    expect(KnockError.is(error, "INVALID_CONFIG")).toBe(true);
  }
  expect(() => resolveEnv(env("ONLY"), {})).toThrow("the environment variable ONLY is not set");
});

test("a reference shows its name and never its fallback", () => {
  const reference = env("TOKEN", "fallback-secret");
  expect(inspect({ reference })).toBe("{ reference: env(TOKEN) }");
  expect(JSON.stringify(reference)).toBe('{"env":"TOKEN"}');
  expect(isEnvReference(reference)).toBe(true);
  expect(isEnvReference({ env: "TOKEN" })).toBe(false);
});

test.each(["postgres://user:password@host/db", "", "1ST", "A B", "SECRET=1"])(
  "a name such as %j is refused without being repeated",
  (name) => {
    expect(() => env(name)).toThrow("not the name of an environment variable");
    if (name) expect(() => env(name)).not.toThrow(name);
  },
);

test("references are found with their paths", () => {
  expect(envReferences({ a: env("A"), list: [1, env("B")] }).map(({ path }) => path)).toEqual([["a"], ["list", "1"]]);
});
