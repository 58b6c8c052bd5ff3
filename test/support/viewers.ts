// People who call with a user token, in tests.
import { createTokenKeys } from "../../src/engine/viewer/keys.ts";
import { signUserToken, type SignUserTokenOptions } from "../../src/engine/viewer/sign-user-token.ts";
import { START } from "./engine.ts";

/** The keys of the tokens of all people in tests. */
export const tokenKeys = createTokenKeys();

/** What a config needs so that these people are known. */
export const endUsers = { publicKeys: [tokenKeys.publicKey] };

/**
 * The headers of a person, without a public key. The token is valid for a day from the start of tests, or from `now` on.
 */
export async function person(
  userId: string,
  options: Partial<Omit<SignUserTokenOptions, "userId">> = {},
): Promise<Record<string, string>> {
  const token = await signUserToken({
    userId,
    privateKey: tokenKeys.privateKey,
    expiresIn: "1d",
    now: START,
    ...options,
  });
  return { "x-knock-user-token": token };
}
