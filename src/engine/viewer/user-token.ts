// User tokens: short-lived proofs of the project's own backend of who the person in front of a browser is.
import { errors, decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import { durationMs } from "../../base/duration.ts";
import { KnockError } from "../../base/errors.ts";
import { personIdProblem } from "../../base/text.ts";
import { grantedTenants, MalformedGrants } from "./grants.ts";
import { publicTokenKey, type TokenKey } from "./keys.ts";
import type { Viewer } from "./viewer.ts";

/** Checks a token. Throws `UNAUTHENTICATED`, which says what is wrong with it and nothing of what is in it. */
export type VerifyUserToken = (token: string, now: Date) => Promise<Viewer>;

/** Characters; room for some dozens of tenants. */
const LONGEST_TOKEN = 12_288;
/** Clocks of two machines differ. */
const TOLERANCE = "10s";
/** A token cannot be taken back, so one that would never end is refused. */
export const longestLifetime = durationMs("366d");

const invalid = (problem: string) => new KnockError("UNAUTHENTICATED", { problem, userToken: true });

function algorithmOf(token: string): unknown {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    return null;
  }
}

const wrongClaims: Readonly<Record<string, string>> = {
  sub: "The user token names no user.",
  exp: "The user token has no time at which it ends.",
  nbf: "The user token is not valid yet.",
};

/** The claims of a token that the key signed; `null` when it did not. Throws `UNAUTHENTICATED` for claims that are wrong. */
async function claimsOf(token: string, { key, algorithm }: TokenKey, now: Date): Promise<JWTPayload | null> {
  try {
    const options = { currentDate: now, clockTolerance: TOLERANCE, requiredClaims: ["sub", "exp"] };
    const { payload } = await jwtVerify(token, key, { ...options, algorithms: [algorithm] });
    return payload;
  } catch (error) {
    // Claims are looked at after the signature.
    if (error instanceof errors.JWTExpired) throw invalid("The user token has expired.");
    if (error instanceof errors.JWTClaimValidationFailed)
      throw invalid(wrongClaims[error.claim] ?? "A claim of the user token is not valid.");
    return null;
  }
}

function tenantsOf(claims: JWTPayload): string[] | null {
  try {
    return grantedTenants(claims);
  } catch (error) {
    throw error instanceof MalformedGrants ? invalid(error.message) : error;
  }
}

function viewerOf(claims: JWTPayload, now: Date): Viewer {
  const { sub, exp } = claims;
  if (typeof sub !== "string" || personIdProblem(sub) !== null) throw invalid(wrongClaims["sub"]!);
  const expiresAt = exp! * 1_000;
  if (!(expiresAt <= now.getTime() + longestLifetime)) throw invalid("The user token is valid for more than a year.");
  return { userId: sub, tenants: tenantsOf(claims), expiresAt: new Date(expiresAt) };
}

/**
 * Makes the check of user tokens: JWT, RS256 or ES256 as the key says and nothing else, with `sub` and `exp`. Errors:
 * `INVALID_CONFIG` for a key that is none.
 *
 * @example const verify = userTokenVerifier([publicKey]); const { userId } = await verify(token, clock.now());
 */
export function userTokenVerifier(publicKeys: readonly string[]): VerifyUserToken {
  const keys = publicKeys.map(publicTokenKey);
  return async (token, now) => {
    if (keys.length === 0) throw invalid("This server knows no key that signs user tokens: see endUsers.publicKeys.");
    if (token.length > LONGEST_TOKEN) throw invalid("The user token is too long.");
    // What the token says of itself chooses among the keys, never how one is used.
    const algorithm = algorithmOf(token);
    for (const key of keys) {
      const claims = key.algorithm === algorithm ? await claimsOf(token, key, now) : null;
      if (claims) return viewerOf(claims, now);
    }
    throw invalid("The user token is not valid.");
  };
}
