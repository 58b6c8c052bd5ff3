// What a project's own backend does for the people it has logged in.
import { SignJWT } from "jose";
import { systemClock } from "../../base/clock.ts";
import { type Duration, parseDuration } from "../../base/duration.ts";
import { type Issue, KnockError } from "../../base/errors.ts";
import { tenantIdProblem, personIdProblem } from "../../base/text.ts";
import { grantsFor } from "./grants.ts";
import { privateTokenKey } from "./keys.ts";
import { longestLifetime } from "./user-token.ts";

/** What to sign, and with what. */
export interface SignUserTokenOptions {
  /** The person who is logged in. */
  userId: string;
  /** Private half of an RSA or P-256 key: PEM, or one line of base64. Its public half is in `endUsers.publicKeys`. */
  privateKey: string;
  /** How long the token is valid; whole seconds, at most a year. Default: `1h`. */
  expiresIn?: Duration;
  /**
   * Limits the person to what belongs to these tenants and to what belongs to none. Default: no limit, so an empty list
   * is refused.
   */
  tenants?: readonly string[];
  /** When the token begins. Default: now. */
  now?: Date;
}

const issue = (path: Issue["path"], message: string): Issue => ({ path, message, code: "invalid_value" });

function issuesOf({ userId, tenants, expiresIn = "1h" }: SignUserTokenOptions): Issue[] {
  const lifetime = parseDuration(expiresIn);
  const user = typeof userId === "string" ? personIdProblem(userId) : "is no text";
  return [
    ...(user ? [issue(["userId"], user)] : []),
    ...(lifetime !== null && lifetime >= 1_000 && lifetime <= longestLifetime
      ? []
      : [issue(["expiresIn"], 'is no duration from "1s" to "366d"')]),
    ...(tenants?.length === 0 ? [issue(["tenants"], "is empty, which would limit to nothing")] : []),
    ...(tenants ?? []).flatMap((tenant, index) => {
      const problem = tenantIdProblem(tenant);
      return problem ? [issue(["tenants", index], problem)] : [];
    }),
  ];
}

/**
 * Signs a token that proves who somebody is, for browsers and phones; RS256 or ES256 by the key. Give it only to the person
 * it names.
 *
 * Errors: `INVALID_INPUT` for the user, the tenants or the duration; `INVALID_CONFIG` for a key that is none.
 *
 * @example await signUserToken({ userId: session.userId, privateKey: process.env.KNOCK_USER_TOKEN_KEY! })
 */
export async function signUserToken(options: SignUserTokenOptions): Promise<string> {
  const { userId, privateKey, expiresIn = "1h", tenants, now = systemClock.now() } = options;
  const issues = issuesOf(options);
  if (issues.length > 0) throw new KnockError("INVALID_INPUT", { issues, subject: "The user token" });
  const { key, algorithm } = privateTokenKey(privateKey);
  const issuedAt = Math.floor(now.getTime() / 1_000);
  const claims = {
    sub: userId,
    ...(tenants && { grants: grantsFor(tenants) }),
    iat: issuedAt,
    exp: issuedAt + Math.floor(parseDuration(expiresIn)! / 1_000),
  };
  return new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: "JWT" }).sign(key);
}
