// Callers of every kind: keys with their scopes, and people with tokens that are right and wrong in every way.
import { createHash, createHmac, type KeyObject, sign } from "node:crypto";
import { newId } from "../../src/base/ids.ts";
import { createTokenKeys, privateTokenKey, publicTokenKey } from "../../src/engine/viewer/keys.ts";
import type { SignUserTokenOptions } from "../../src/engine/viewer/sign-user-token.ts";
import { insertApiKey } from "../../src/store/api-keys.ts";
import type { Database } from "../../src/store/database.ts";
import { START } from "./engine.ts";
import { person, tokenKeys } from "./viewers.ts";

/** Headers that show who calls. */
export type Shown = Readonly<Record<string, string>>;

const otherKeys = createTokenKeys();

/** Stores a key and gives it. */
async function storeKey(database: Database, kind: "secret" | "public", scopes: string[] = []): Promise<string> {
  const id = newId(START);
  const secret = `${kind === "public" ? "pk" : "sk"}_${id.replaceAll("-", "")}`;
  const hash = createHash("sha256").update(secret).digest("hex");
  await insertApiKey(database.db, {
    id,
    name: "test",
    kind,
    prefix: secret.slice(0, 9),
    hash,
    scopes,
    createdAt: START,
  });
  return secret;
}

const bearer = (key: string): Shown => ({ authorization: `Bearer ${key}` });

type TokenOptions = Partial<Omit<SignUserTokenOptions, "userId">>;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function forged(userId: string, algorithm: string, signature: (text: string) => Buffer): Shown {
  const claims = { sub: userId, exp: START.getTime() / 1_000 + 3_600 };
  const text = `${part({ alg: algorithm, typ: "JWT" })}.${part(claims)}`;
  return { "x-knock-user-token": `${text}.${signature(text).toString("base64url")}` };
}

const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();

/** Tokens that claim to be somebody's and are not valid, with what the refusal says. */
const badTokens = async (userId: string): Promise<Record<string, [token: Shown, message: string]>> => ({
  "an expired token": [
    await person(userId, { now: new Date(START.getTime() - 7_200_000), expiresIn: "1h" }),
    "The user token has expired.",
  ],
  "a token of another key": [
    await person(userId, { privateKey: otherKeys.privateKey }),
    "The user token is not valid.",
  ],
  "a token without a signature": [forged(userId, "none", () => Buffer.alloc(0)), "The user token is not valid."],
  "a token signed with the public key as a secret": [
    forged(userId, "HS256", (text) =>
      createHmac("sha256", pem(publicTokenKey(tokenKeys.publicKey).key))
        .update(text)
        .digest(),
    ),
    "The user token is not valid.",
  ],
  "a token that says it is RSA": [
    forged(userId, "RS256", (text) => sign("sha256", Buffer.from(text), privateTokenKey(tokenKeys.privateKey).key)),
    "The user token is not valid.",
  ],
});

/** Who may call, and who may not. */
export interface Callers {
  /** Keys of servers by their one scope. */
  servers: Record<"notify" | "read" | "write" | "deploy" | "admin", Shown>;
  /** People with a valid token; the last one's is limited to the tenant `a`. */
  people: Record<"ada" | "bob" | "adaOfA", Shown>;
  /** Those who are nobody, with what the refusal says. */
  strangers: Record<string, [shown: Shown, message: string]>;
}

/** Stores the keys of all callers. The system has the `endUsers` of viewers.ts. */
export async function allCallers(database: Database): Promise<Callers> {
  const server = async (scope: string) => bearer(await storeKey(database, "secret", [scope]));
  const publicKey = await storeKey(database, "public");
  const withKey = async (userId: string, options?: TokenOptions): Promise<Shown> => ({
    ...bearer(publicKey),
    ...(await person(userId, options)),
  });
  const bad = Object.entries(await badTokens("ada")).map(
    ([name, [token, message]]) => [name, [{ ...bearer(publicKey), ...token }, message]] as const,
  );
  return {
    servers: {
      notify: await server("notify"),
      read: await server("read"),
      write: await server("write"),
      deploy: await server("deploy"),
      admin: await server("admin"),
    },
    people: { ada: await withKey("ada"), bob: await withKey("bob"), adaOfA: await withKey("ada", { tenants: ["a"] }) },
    strangers: {
      "no key": [{}, "The request carries no key."],
      "an unknown key": [bearer("sk_0123456789abcdef0123"), "The key is not known, or it was revoked."],
      "a public key without a token": [bearer(publicKey), "A public key needs a user token."],
      "a token without a key": [await person("ada"), "A user token needs a public key."],
      ...Object.fromEntries(bad),
    },
  };
}
