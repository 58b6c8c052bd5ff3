import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createTokenKeys, publicHalfOf } from "../../src/engine/viewer/keys.ts";
import { signUserToken } from "../../src/engine/viewer/sign-user-token.ts";
import { userTokenVerifier } from "../../src/engine/viewer/user-token.ts";
import { graphql, knock, startTemporarily } from "./support/command.ts";
import { temporary } from "./support/project.ts";

const lines = (text: string): string => text.trimEnd();
const verified = (token: string, publicKey: string) => userTokenVerifier([publicKey])(lines(token), new Date());

describe("`knock tokens keys`", () => {
  test.each([[], ["--rsa"]])("makes a pair that works, anywhere %s", async (...given) => {
    const { code, stdout, stderr } = await knock(["tokens", "keys", "--json", ...given], { cwd: temporary({}).root });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { publicKey, privateKey } = JSON.parse(stdout) as { publicKey: string; privateKey: string };
    const token = await signUserToken({ userId: "ada", privateKey });
    expect((await verified(token, publicKey)).userId).toBe("ada");
  });

  test("says where each half goes", async () => {
    const { code, stdout } = await knock(["tokens", "keys"], { cwd: temporary({}).root });
    expect(code).toBe(0);
    const halves = /private {2}(\S+)\n {2}public {3}(\S+)/.exec(stdout)!;
    expect(publicHalfOf(halves[1]!)).toBe(halves[2]);
    expect(stdout).toContain("KNOCK_USER_TOKEN_KEY");
    expect(stdout).toContain(`endUsers: { publicKeys: ["${halves[2]}"] }`);
  });
});

describe("`knock tokens sign`", () => {
  const own = createTokenKeys();
  const other = createTokenKeys();

  test("signs with the key of a file, else of the environment, without a project", async () => {
    const { root: cwd } = temporary({ "key.pem": own.privateKey });
    const env = { KNOCK_USER_TOKEN_KEY: other.privateKey };
    const sign = ["tokens", "sign", "--user", "ada", "--tenant", "acme", "--tenant", "b c", "--expires", "5m"];
    const file = await knock([...sign, "--key", "key.pem"], { cwd, env });
    expect(file).toMatchObject({ code: 0, stderr: "" });
    const viewer = await verified(file.stdout, own.publicKey);
    expect(viewer).toMatchObject({ userId: "ada", tenants: ["acme", "b c"] });
    expect(viewer.expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 300_000);
    const variable = JSON.parse((await knock([...sign, "--json"], { cwd, env })).stdout) as { token: string };
    expect(variable).toMatchObject({ userId: "ada", tenants: ["acme", "b c"], key: "environment" });
    expect((await verified(variable.token, other.publicKey)).userId).toBe("ada");
  });

  test("says what is wrong, and never with which key", async () => {
    const { root: cwd } = temporary({ "key.pem": own.publicKey });
    const refused = async (...given: string[]) => {
      const { code, stdout, stderr } = await knock(["tokens", "sign", ...given], { cwd });
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).not.toContain(own.publicKey);
      return stderr;
    };
    expect(await refused("--user", "ada", "--key", "key.pem")).toContain("no private half");
    expect(await refused("--user", "ada", "--key", "none.pem")).toContain("none.pem cannot be read");
    expect(await refused("--user", "ada")).toContain("no knock.config.ts");
    expect((await knock(["tokens", "sign"], { cwd })).code).toBe(2);
  });
});

const VIEWER = "{ viewer { id } }";

test("in development nothing has to be set up: `knock dev` accepts what was signed beside it, a server does not", async () => {
  const { root: cwd } = temporary();
  const sign = async () => (await knock(["tokens", "sign", "--user", "ada"], { cwd })).stdout.trim();
  const token = await sign();
  const file = join(cwd, ".knock", "user-token-key");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const publicKey = publicHalfOf(readFileSync(file, "utf8"));
  expect((await verified(token, publicKey)).userId).toBe("ada");
  expect((await verified(await sign(), publicKey)).userId).toBe("ada");

  const ask = async (url: string, given: string) => {
    const headers = { "content-type": "application/json", "x-knock-user-token": given };
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers,
      body: JSON.stringify({ query: VIEWER }),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };
  const dev = startTemporarily(["dev", "--port", "0", "--json"], { cwd });
  const url = (await dev.waitFor(/"url":"(http[^"]+)"/))[1]!;
  expect(await ask(url, token)).toEqual({ status: 200, data: { viewer: { id: "ada" } } });
  expect((await ask(url, `${token}x`)).status).toBe(401);
  dev.signal("SIGTERM");
  expect(await dev.ended).toBe(0);

  const start = startTemporarily(["start", "--port", "0"], { cwd, env: { SMTP_URL: "smtp://localhost:1" } });
  const production = (await start.waitFor(/"url":"(http[^"]+)"/))[1]!;
  expect(await ask(production, token)).toMatchObject({
    status: 401,
    errors: [{ message: expect.stringContaining("knows no key") }],
  });
});

test("a public key is made, listed and asked for, and reaches nothing without a user token", async () => {
  const { root: cwd } = temporary();
  const created = await knock(["keys", "create", "--public", "--name", "website", "--json"], { cwd });
  const key = JSON.parse(created.stdout) as { id: string; secret: string };
  expect(key).toMatchObject({
    name: "website",
    kind: "public",
    scopes: [],
    secret: expect.stringMatching(/^pk_[\w-]{32}$/),
  });
  const both = await knock(["keys", "create", "--public", "--scope", "notify"], { cwd });
  expect(both).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("a public key has no scopes") });
  await knock(["keys", "create"], { cwd });
  const listed = JSON.parse((await knock(["keys", "list", "--json"], { cwd })).stdout) as object[];
  expect(listed).toMatchObject([
    { id: key.id, kind: "public", scopes: [] },
    { kind: "secret", scopes: ["notify"] },
  ]);
  expect((await knock(["keys", "list"], { cwd })).stdout).toMatch(/website {2}pk_\S+ {2}public/);
});

test("with a public key alone, a server asks everybody for a key, and people for their token", async () => {
  const { root: cwd } = temporary();
  const { stdout } = await knock(["keys", "create", "--public", "--json"], { cwd });
  const { secret } = JSON.parse(stdout) as { secret: string };
  const env = { SMTP_URL: "smtp://localhost:1" };
  const start = startTemporarily(["start", "--port", "0", "--host", "0.0.0.0"], { cwd, env });
  const url = (await start.waitFor(/"url":"(http[^"]+)"/))[1]!;
  expect(await graphql(url, VIEWER)).toMatchObject({
    status: 401,
    errors: [{ message: "The request carries no key." }],
  });
  const message = "A public key needs a user token.";
  expect(await graphql(url, VIEWER, { key: secret })).toMatchObject({ status: 401, errors: [{ message }] });
});
