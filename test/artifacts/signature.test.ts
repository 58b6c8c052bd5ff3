import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { KnockError } from "../../src/base/errors.ts";
import { createSigningPair, isSigned, signWorkflow } from "../../src/deploy/artifacts/signature.ts";

const der = (text: string) => Buffer.from(text, "base64");
const asPem = (privateKey: string): string =>
  createPrivateKey({ key: der(privateKey), format: "der", type: "pkcs8" })
    .export({ format: "pem", type: "pkcs8" })
    .toString();

const workflow = { key: "welcome", artifact: "a".repeat(64) };
const pair = createSigningPair();
const other = createSigningPair();
const signature = signWorkflow(workflow, pair.privateKey);

test("each half is one line, and no two pairs are the same", () => {
  expect(pair.privateKey).toMatch(/^[\w+/]+=*$/);
  expect(pair.publicKey).toMatch(/^[\w+/]+=*$/);
  expect(pair.privateKey).not.toBe(other.privateKey);
});

test("one of the public keys must fit", () => {
  expect(isSigned({ ...workflow, signature }, [pair.publicKey])).toBe(true);
  expect(isSigned({ ...workflow, signature }, [other.publicKey, pair.publicKey])).toBe(true);
  expect(isSigned({ ...workflow, signature }, [other.publicKey])).toBe(false);
  expect(isSigned({ ...workflow, signature }, [])).toBe(false);
});

test.each([
  ["no signature", { signature: null }],
  ["an empty one", { signature: "" }],
  ["no base64", { signature: "!" }],
  ["another workflow", { key: "goodbye" }],
  ["another artifact", { artifact: "b".repeat(64) }],
  ["text that runs together", { key: `welcome\n${"a".repeat(64)}`, artifact: "" }],
  ["the signature of another key", { signature: signWorkflow(workflow, other.privateKey) }],
  ["a changed signature", { signature: `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}` }],
])("not signed: %s", (_name, change) => {
  expect(isSigned({ ...workflow, signature, ...change }, [pair.publicKey])).toBe(false);
});

test("PEM does as well, also with its line breaks written out, as in environment variables", () => {
  const publicPem = createPublicKey({ key: der(pair.publicKey), format: "der", type: "spki" })
    .export({ format: "pem", type: "spki" })
    .toString();
  const privatePem = asPem(pair.privateKey);
  expect(signWorkflow(workflow, privatePem)).toBe(signature);
  expect(signWorkflow(workflow, privatePem.replaceAll("\n", String.raw`\n`))).toBe(signature);
  expect(isSigned({ ...workflow, signature }, [publicPem])).toBe(true);
  expect(isSigned({ ...workflow, signature }, [`\n${pair.publicKey}\n`])).toBe(true);
});

test("keys of openssl do as well", () => {
  const privatePem = execFileSync("openssl", ["genpkey", "-algorithm", "ed25519"], { encoding: "utf8" });
  const publicPem = execFileSync("openssl", ["pkey", "-pubout"], { encoding: "utf8", input: privatePem });
  const signed = signWorkflow(workflow, privatePem);
  expect(isSigned({ ...workflow, signature: signed }, [publicPem])).toBe(true);
});

test.each([
  ["nothing", ""],
  ["no key", "hello"],
  ["the other half", pair.publicKey],
  [
    "another kind of key",
    generateKeyPairSync("rsa", {
      modulusLength: 1024,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    }).privateKey,
  ],
])("a private key that is %s is refused, and never printed", (_name, key) => {
  const attempt = () => signWorkflow(workflow, key);
  expect(attempt).toThrow(/the private half of a signing key cannot be read/);
  if (key.length < 20) return;
  try {
    attempt();
  } catch (error) {
    expect(KnockError.is(error, "INVALID_CONFIG")).toBe(true);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(key.slice(30, 60));
  }
});

test.each([
  ["nothing", ""],
  ["no key", "hello"],
  ["the private half", pair.privateKey],
  ["the private half as PEM", asPem(pair.privateKey)],
])("a public key that is %s is refused, also when nothing is signed", (_name, key) => {
  expect(() => isSigned({ ...workflow, signature: null }, [key])).toThrow(
    /the public half of a signing key cannot be read/,
  );
  expect(() => isSigned({ ...workflow, signature }, [pair.publicKey, key])).toThrow(/the public half/);
});
