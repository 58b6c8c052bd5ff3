// Signatures of deployed code: whoever can write to the database could otherwise make every worker run theirs.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from "node:crypto";
import { KnockError } from "../../base/errors.ts";
import type { ReleasedWorkflow } from "../release.ts";

// The artifact is named by its hash, which covers its code and the hashes of all that it imports. With the key, or code
// that was signed for one workflow could be put in the place of another.
const signedText = ({ key, artifact }: { key: string; artifact: string }): Buffer =>
  Buffer.from(`knock workflow\n${key}\n${artifact}`);

const refuse = (half: "private" | "public"): never => {
  throw new KnockError("INVALID_CONFIG", {
    problem: `the ${half} half of a signing key cannot be read`,
    fix: "Give it as PEM or as one line of base64. Make a pair with `knock keys signing`.",
  });
};

/** A key of one line of base64 (the DER within a PEM), or a PEM. */
function keyOf(text: string, half: "private" | "public"): KeyObject {
  const trimmed = text.trim();
  const der = Buffer.from(trimmed, "base64");
  // Node would make the public half of it, and the private one would stay where all can read it.
  if (half === "public" && trimmed.includes("PRIVATE KEY")) return refuse(half);
  const pem = trimmed.startsWith("-----") ? trimmed.replaceAll(String.raw`\n`, "\n") : null;
  try {
    const key =
      half === "private"
        ? createPrivateKey(pem ?? { key: der, format: "der", type: "pkcs8" })
        : createPublicKey(pem ?? { key: der, format: "der", type: "spki" });
    return key.asymmetricKeyType === "ed25519" ? key : refuse(half);
  } catch {
    return refuse(half);
  }
}

/** The keys, if each is the public half of an Ed25519 key. Throws `INVALID_CONFIG` otherwise. */
export function requirePublicKeys(keys: readonly string[]): readonly string[] {
  for (const key of keys) keyOf(key, "public");
  return keys;
}

/** Signs a workflow of a release: base64. Throws `INVALID_CONFIG` when the key is no Ed25519 key. */
export const signWorkflow = (workflow: { key: string; artifact: string }, privateKey: string): string =>
  sign(null, signedText(workflow), keyOf(privateKey, "private")).toString("base64");

/** Whether a text has the form of a signature: 64 bytes as base64. */
export const isSignature = (text: string): boolean => /^[A-Za-z0-9+/]{86}==$/.test(text);

/** Whether one of the keys signed the workflow. Throws `INVALID_CONFIG` when a key is no Ed25519 key. */
export function isSigned(workflow: ReleasedWorkflow, publicKeys: readonly string[]): boolean {
  const keys = publicKeys.map((key) => keyOf(key, "public"));
  if (workflow.signature === null) return false;
  const signature = Buffer.from(workflow.signature, "base64");
  return keys.some((key) => verify(null, signedText(workflow), key, signature));
}

/** A new pair, each half one line of base64. */
export function createSigningPair(): { publicKey: string; privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  return { publicKey: publicKey.toString("base64"), privateKey: privateKey.toString("base64") };
}
