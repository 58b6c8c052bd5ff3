// User tokens: short-lived proofs of the project's own backend of who the person in front of a browser is.
import { createPublicKey, type KeyObject } from "node:crypto";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { KnockError } from "../../base/errors.ts";
import { userIdProblem } from "../../base/text.ts";
import { grantedTenants } from "./grants.ts";
import type { Viewer } from "./viewer.ts";

/** Checks a token. Throws `UNAUTHENTICATED`, which says what is wrong with it and nothing of what is in it. */
export type VerifyUserToken = (token: string, now: Date) => Promise<Viewer>;

const LONGEST_TOKEN = 8_192;
/** Clocks of two machines differ. */
const TOLERANCE = "10s";

interface SigningKey {
  key: KeyObject;
  algorithm: "RS256" | "ES256";
}

const refuseKey = (): never => {
  throw new KnockError("INVALID_CONFIG", {
    problem: "a key in endUsers.publicKeys is no public half of an RSA (2048 bits or more) or P-256 key",
    fix: "Give it as PEM or as one line of base64. Make a pair with `knock tokens keys`.",
  });
};

function signingKey(text: string): SigningKey {
  const trimmed = text.trim();
  // Node would make the public half of a private key, which would then stay where all can read it.
  if (trimmed.includes("PRIVATE KEY")) return refuseKey();
  const pem = trimmed.startsWith("-----") ? trimmed.replaceAll(String.raw`\n`, "\n") : null;
  let key: KeyObject;
  try {
    key = createPublicKey(pem ?? { key: Buffer.from(trimmed, "base64"), format: "der", type: "spki" });
  } catch {
    return refuseKey();
  }
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 2_048) return { key, algorithm: "RS256" };
  if (key.asymmetricKeyType === "ec" && namedCurve === "prime256v1") return { key, algorithm: "ES256" };
  return refuseKey();
}

const invalid = (problem: string) => new KnockError("UNAUTHENTICATED", { problem, userToken: true });

function algorithmOf(token: string): unknown {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    return null;
  }
}

/**
 * Makes the check of user tokens: JWT, RS256 or ES256 as the key says and nothing else, with `sub` and `exp`. Errors:
 * `INVALID_CONFIG` for a key that is none.
 *
 * @example const verify = userTokenVerifier([publicKey]); const { userId } = await verify(token, clock.now());
 */
export function userTokenVerifier(publicKeys: readonly string[]): VerifyUserToken {
  const keys = publicKeys.map(signingKey);
  return async (token, now) => {
    if (keys.length === 0) throw invalid("This server knows no key that signs user tokens: see endUsers.publicKeys.");
    if (token.length > LONGEST_TOKEN) throw invalid("The user token is too long.");
    const claimed = algorithmOf(token);
    for (const { key, algorithm } of keys) {
      if (claimed !== algorithm) continue;
      const options = {
        algorithms: [algorithm],
        currentDate: now,
        clockTolerance: TOLERANCE,
        requiredClaims: ["sub", "exp"],
      };
      const verified = await jwtVerify(token, key, options).catch((error: { code?: string }) => error.code ?? "");
      if (verified === "ERR_JWT_EXPIRED") throw invalid("The user token has expired.");
      if (typeof verified === "string") continue;
      const { sub, exp } = verified.payload;
      if (typeof sub !== "string" || userIdProblem(sub) !== null) throw invalid("The user token names no user.");
      return { userId: sub, tenants: grantedTenants(verified.payload), expiresAt: new Date(exp! * 1_000) };
    }
    throw invalid("The user token is not valid.");
  };
}
