import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { KnockError } from "../../../src/base/errors.ts";
import { createTokenKeys, privateTokenKey, publicHalfOf, publicTokenKey } from "../../../src/engine/viewer/keys.ts";
import { signUserToken } from "../../../src/engine/viewer/sign-user-token.ts";
import { userTokenVerifier } from "../../../src/engine/viewer/user-token.ts";

const NOW = new Date("2026-01-05T09:00:00.000Z");
const SECONDS = NOW.getTime() / 1_000;
const pairs = { p256: createTokenKeys(), rsa: createTokenKeys("rsa"), other: createTokenKeys() };
const verify = userTokenVerifier([pairs.p256.publicKey, pairs.rsa.publicKey]);

const part = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token with any claims and any header, signed as its holder likes. */
function token(
  claims: object | string,
  { header = { alg: "ES256", typ: "JWT" } as object | string, key = pairs.p256.privateKey } = {},
): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), { key: privateTokenKey(key).key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

const good = { sub: "ada", exp: SECONDS + 3_600 };

/** Why a token is refused. */
async function refusal(given: string, now = NOW): Promise<string> {
  try {
    return `accepted as ${(await verify(given, now)).userId}`;
  } catch (error) {
    if (!KnockError.is(error, "UNAUTHENTICATED")) throw error;
    expect(error.details.userToken).toBe(true);
    return error.message;
  }
}

describe("a token is accepted", () => {
  test.each(["p256", "rsa"] as const)("that a %s key signed", async (kind) => {
    const signed = await signUserToken({ userId: "ada", privateKey: pairs[kind].privateKey, now: NOW });
    expect(await verify(signed, NOW)).toEqual({
      userId: "ada",
      tenants: null,
      expiresAt: new Date("2026-01-05T10:00:00.000Z"),
    });
  });

  test("without iat, and with claims that nobody knows", async () => {
    expect(await refusal(token({ ...good, jti: "x", aud: "somebody", iss: "me" }))).toBe("accepted as ada");
  });

  test("a few seconds late or early, as clocks differ", async () => {
    expect(await refusal(token({ ...good, exp: SECONDS - 9, nbf: SECONDS + 9 }))).toBe("accepted as ada");
  });

  test("whose keys are given in any of their forms", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const forms = {
      pem,
      "with escaped line ends": pem.replaceAll("\n", String.raw`\n`),
      "PKCS 1": publicKey.export({ type: "pkcs1", format: "pem" }).toString(),
      "base64 of the PEM": Buffer.from(pem).toString("base64"),
      "base64 of the DER": publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    };
    const signed = await signUserToken({
      userId: "ada",
      privateKey: Buffer.from(privateKey.export({ type: "pkcs1", format: "pem" })).toString("base64"),
      now: NOW,
    });
    for (const [form, text] of Object.entries(forms)) {
      expect((await userTokenVerifier([text])(signed, NOW)).userId, form).toBe("ada");
    }
  });
});

describe("a token is refused", () => {
  const text = `${part({ alg: "HS256" })}.${part(good)}`;
  const hmac = (secret: string | Buffer) => `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  const publicPem = publicTokenKey(pairs.p256.publicKey).key.export({ type: "spki", format: "pem" }).toString();

  test.each<[string, string, string]>([
    ["without a signature", `${part({ alg: "none" })}.${part(good)}.`, "not valid"],
    ["with alg none in other letters", `${part({ alg: "nOnE" })}.${part(good)}.`, "not valid"],
    ["with HS256 and the public key as PEM", hmac(publicPem), "not valid"],
    ["with HS256 and the public key as in the config", hmac(pairs.p256.publicKey), "not valid"],
    ["with HS256 and the bytes of the public key", hmac(Buffer.from(pairs.p256.publicKey, "base64")), "not valid"],
    ["of another key", token(good, { key: pairs.other.privateKey }), "not valid"],
    ["with the algorithm of the other key", token(good, { header: { alg: "RS256" } }), "not valid"],
    [
      "with another algorithm of the same key",
      token(good, { header: { alg: "PS256" }, key: pairs.rsa.privateKey }),
      "not valid",
    ],
    [
      "with its own key in the header",
      token(good, { header: { alg: "ES256", jwk: {} }, key: pairs.other.privateKey }),
      "not valid",
    ],
    [
      "with a header that must be understood",
      token(good, { header: { alg: "ES256", crit: ["x"], x: 1 } }),
      "not valid",
    ],
    ["with changed claims", token(good).replace(/\.[^.]+\./, `.${part({ ...good, sub: "eve" })}.`), "not valid"],
    ["that is expired", token({ ...good, exp: SECONDS - 10 }), "has expired"],
    ["that is not valid yet", token({ ...good, nbf: SECONDS + 11 }), "not valid yet"],
    ["without an end", token({ sub: "ada" }), "has no time at which it ends"],
    ["with an end that is no number", token({ ...good, exp: "2099-01-01" }), "has no time at which it ends"],
    ["with an end of null", token({ ...good, exp: null }), "has no time at which it ends"],
    ["for more than a year", token({ ...good, exp: SECONDS + 367 * 86_400 }), "more than a year"],
    ["for ever", token(`{"sub":"ada","exp":1e400}`), "more than a year"],
    ["without a user", token({ exp: good.exp }), "names no user"],
    ["with an empty user", token({ ...good, sub: "" }), "names no user"],
    ["with a number as user", token({ ...good, sub: 7 }), "names no user"],
    ["with a user that cannot be stored", token({ ...good, sub: "a\0b" }), "names no user"],
    ["with a user of 300 characters", token({ ...good, sub: "x".repeat(300) }), "names no user"],
    ["of an object", token({ ...good, sub: "#projects/7" }), "names no user"],
    ["whose claims are no object", token("[]"), "not valid"],
    ["whose claims are no JSON", token("ada"), "not valid"],
    ["that is huge", token({ ...good, pad: "x".repeat(20_000) }), "too long"],
    ["that is no token", "ada", "not valid"],
    ["that is empty", "", "not valid"],
  ])("%s", async (_name, given, problem) => {
    expect(await refusal(given)).toContain(problem);
  });

  test("by a server that knows no key", async () => {
    await expect(userTokenVerifier([])(token(good), NOW)).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      message: expect.stringContaining("endUsers.publicKeys"),
    });
  });
});

test("while keys change, tokens of both are accepted; then those of the old one are not", async () => {
  const [old, next] = [pairs.p256, pairs.other];
  const tokens = [token(good, { key: old.privateKey }), token(good, { key: next.privateKey })] as const;
  const accepts = async (...keys: string[]) =>
    Promise.all(
      tokens.map(async (one) =>
        userTokenVerifier(keys)(one, NOW).then(
          () => true,
          () => false,
        ),
      ),
    );
  expect(await accepts(old.publicKey)).toEqual([true, false]);
  expect(await accepts(old.publicKey, next.publicKey)).toEqual([true, true]);
  expect(await accepts(next.publicKey, old.publicKey)).toEqual([true, true]);
  expect(await accepts(next.publicKey)).toEqual([false, true]);
});

describe("keys", () => {
  const pemOf = (kind: "ec" | "rsa" | "ed25519", options: object = {}) =>
    generateKeyPairSync(kind as "ec", {
      namedCurve: "secp256k1",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      ...options,
    });

  test.each<[string, string]>([
    ["text", "not a key"],
    ["nothing", ""],
    ["an elliptic curve that is not P-256", pemOf("ec").publicKey],
    ["Ed25519", pemOf("ed25519").publicKey],
    ["a short RSA key", pemOf("rsa", { modulusLength: 1_024 }).publicKey],
    ["the private half", pairs.p256.privateKey],
    ["the private half as PEM", pemOf("ec", { namedCurve: "P-256" }).privateKey],
    ["the private half as PEM in base64", pairs.rsa.privateKey],
  ])("%s is no public key, and is not repeated", (_name, text) => {
    const verifier = () => userTokenVerifier([text]);
    expect(verifier).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", hint: expect.stringContaining("knock tokens keys") }),
    );
    expect(verifier).toThrow(/endUsers\.publicKeys is no public half/);
  });

  test("the public half follows from the private one", () => {
    expect(publicHalfOf(pairs.p256.privateKey)).toBe(pairs.p256.publicKey);
  });
});

describe("signing", () => {
  const { privateKey } = pairs.p256;
  const claimsIn = (signed: string) => JSON.parse(Buffer.from(signed.split(".")[1]!, "base64url").toString()) as object;

  test("makes the claims that tokens of the hosted product have", async () => {
    const plain = await signUserToken({ userId: "ada", privateKey, now: NOW });
    expect(claimsIn(plain)).toEqual({ sub: "ada", iat: SECONDS, exp: SECONDS + 3_600 });
    const limited = await signUserToken({
      userId: "ada",
      privateKey,
      now: NOW,
      tenants: ["acme", "a/b %41"],
      expiresIn: "5m",
    });
    expect(claimsIn(limited)).toEqual({
      sub: "ada",
      grants: {
        "https://api.knock.app/v1/objects/$tenants/acme": { "user/feed_read": [{}] },
        "https://api.knock.app/v1/objects/$tenants/a/b %41": { "user/feed_read": [{}] },
      },
      iat: SECONDS,
      exp: SECONDS + 300,
    });
    expect((await verify(limited, NOW)).tenants).toEqual(["acme", "a/b %41"]);
  });

  test.each<[string, object, string]>([
    ["an empty user", { userId: "" }, "userId: is empty"],
    ["no user", { userId: undefined }, "userId: is no text"],
    ["an object", { userId: "#projects/7" }, "userId: begins with"],
    ["no tenants", { tenants: [] }, "tenants: is empty"],
    ["an empty tenant", { tenants: ["acme", ""] }, "tenants.1: is empty"],
    ["no duration", { expiresIn: "soon" }, "expiresIn"],
    ["less than a second", { expiresIn: "999ms" }, "expiresIn"],
    ["more than a year", { expiresIn: "367d" }, "expiresIn"],
  ])("%s is refused", async (_name, given, problem) => {
    await expect(signUserToken({ userId: "ada", privateKey, ...given })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(problem),
    });
  });

  test.each<[string, string]>([
    ["the public half", pairs.p256.publicKey],
    ["nothing", ""],
    ["something else", "hush"],
  ])("%s is no key to sign with, and is not repeated", async (_name, key) => {
    const refused: KnockError = await signUserToken({ userId: "ada", privateKey: key }).then(
      () => expect.fail("signed"),
      (error: KnockError) => error,
    );
    expect(refused.code).toBe("INVALID_CONFIG");
    if (key) expect(`${refused.message} ${refused.hint}`).not.toContain(key);
  });
});
