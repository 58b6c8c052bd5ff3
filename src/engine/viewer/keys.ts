// The keys that sign user tokens: RSA, as clients of the hosted product have them, or P-256, whose tokens are short.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { KnockError } from "../../base/errors.ts";

/** A half of a pair, with the one algorithm that it is used with. */
export interface TokenKey {
  key: KeyObject;
  algorithm: "RS256" | "ES256";
}

/** A pair, each half as text. */
export interface KeyPair {
  publicKey: string;
  privateKey: string;
}

type Half = "public" | "private";

const SHORTEST_RSA = 2_048;

const subjects: Record<Half, string> = {
  public: "a key in endUsers.publicKeys is no public half of an RSA (2048 bits or more) or P-256 key",
  private: "the key to sign user tokens with is no private half of an RSA (2048 bits or more) or P-256 key",
};

const refuse = (half: Half): never => {
  throw new KnockError("INVALID_CONFIG", {
    problem: subjects[half],
    fix: "Give it as PEM or as one line of base64. Make a pair with `knock tokens keys`.",
  });
};

/** The PEM within a text: itself, with line ends as environment variables have them, or in base64; `null` when it is none. */
function pemOf(text: string): string | null {
  if (text.startsWith("-----BEGIN")) return text.replaceAll(String.raw`\n`, "\n");
  const decoded = Buffer.from(text, "base64").toString("latin1").trim();
  return decoded.startsWith("-----BEGIN") ? decoded : null;
}

function parsed(text: string, half: Half): KeyObject {
  const pem = pemOf(text);
  // Node would make the public half of a private key, which would then stay where all can read it.
  if (half === "public" && pem?.includes("PRIVATE KEY")) return refuse(half);
  const der = Buffer.from(text, "base64");
  try {
    return half === "public"
      ? createPublicKey(pem ?? { key: der, format: "der", type: "spki" })
      : createPrivateKey(pem ?? { key: der, format: "der", type: "pkcs8" });
  } catch {
    return refuse(half);
  }
}

function tokenKey(text: string, half: Half): TokenKey {
  const key = parsed(text.trim(), half);
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa" && modulusLength >= SHORTEST_RSA) return { key, algorithm: "RS256" };
  if (key.asymmetricKeyType === "ec" && namedCurve === "prime256v1") return { key, algorithm: "ES256" };
  return refuse(half);
}

/** A public half: PEM, that in base64, or the DER within it in base64. Throws `INVALID_CONFIG`. */
export const publicTokenKey = (text: string): TokenKey => tokenKey(text, "public");

/** A private half, in the same forms. Throws `INVALID_CONFIG`. */
export const privateTokenKey = (text: string): TokenKey => tokenKey(text, "private");

/**
 * A new pair, each half one line of base64: of the DER, and of the PEM for RSA, as the SDKs of the hosted product take it.
 */
export function createTokenKeys(kind: "p256" | "rsa" = "p256"): KeyPair {
  if (kind === "rsa") {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", {
      modulusLength: SHORTEST_RSA,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const line = (pem: string) => Buffer.from(pem).toString("base64");
    return { publicKey: line(publicKey), privateKey: line(privateKey) };
  }
  const { publicKey, privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  return { publicKey: publicKey.toString("base64"), privateKey: privateKey.toString("base64") };
}

/** The public half of a private one, as one line of base64. Throws `INVALID_CONFIG`. */
export const publicHalfOf = (privateKey: string): string =>
  createPublicKey(privateTokenKey(privateKey).key).export({ type: "spki", format: "der" }).toString("base64");
