// Who calls. A key is known by its hash alone, so the database holds nothing that could be used.
import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { KnockError } from "../../base/errors.ts";
import { findApiKeyByHash } from "../../store/api-keys.ts";
import type { Executor } from "../../store/executor.ts";
import { userTokenVerifier } from "../../engine/viewer/user-token.ts";
import { anyone, type Identity } from "./identity.ts";

/** What a caller shows: in headers, or in the address of a socket. */
export interface Credentials {
  /** `sk_…` or `pk_…`; `null` when there is none. */
  key: string | null;
  /** A signed user token; `null` when there is none. */
  userToken: string | null;
}

export interface AuthOptions {
  db: Executor;
  clock: Clock;
  /** Whether callers have to show a key. Only a server that answers to its own machine alone may do without. */
  required: boolean;
  /** Whether anything can be deployed here: where nothing can, everyone may try, to be told why. */
  deploys: boolean;
  /** Public halves of the keys that sign user tokens, as PEM or one line of base64. */
  publicKeys: readonly string[];
}

/** Finds the caller. Throws `UNAUTHENTICATED`. */
export type Authenticate = (credentials: Credentials) => Promise<Identity>;

const KEY = /^[sp]k_[\w-]{16,256}$/;

const TOKEN = /^ey[\w-]+\.[\w-]+\.[\w-]+$/;

const unauthenticated = (problem?: string) => new KnockError("UNAUTHENTICATED", problem ? { problem } : {});

/** Whoever shows a token is a page, and nothing should lead its author to put a secret key there. */
const withoutPublicKey = (problem: string) => new KnockError("UNAUTHENTICATED", { problem, publicKey: true });

/** What the headers of a request show. */
export const credentialsOf = (headers: Headers): Credentials => ({
  key: headers.get("authorization")?.replace(/^Bearer +/i, "") ?? null,
  // Clients that have no token may send an empty one.
  userToken: headers.get("x-knock-user-token") || null,
});

async function byKey({ db }: AuthOptions, secret: string) {
  const hash = createHash("sha256").update(secret).digest();
  const key = await findApiKeyByHash(db, hash.toString("hex"));
  // The index found it by its hash; comparing once more in constant time costs nothing.
  if (!key || !timingSafeEqual(Buffer.from(key.hash, "hex"), hash)) {
    throw unauthenticated("The key is not known, or it was revoked.");
  }
  return key;
}

/** The way to find callers. Errors: `INVALID_CONFIG` when a public key is none. */
export function createAuthenticate(options: AuthOptions): Authenticate {
  const verify = userTokenVerifier(options.publicKeys);
  const withoutKey: Identity = options.deploys ? anyone : { ...anyone, scopes: [...anyone.scopes, "deploy"] };

  async function authenticated({ key, userToken }: Credentials): Promise<Identity> {
    if (key === null)
      throw userToken === null ? unauthenticated() : withoutPublicKey("A user token needs a public key.");
    if (TOKEN.test(key)) throw withoutPublicKey("The Authorization header holds a user token, and no key.");
    if (!KEY.test(key)) throw unauthenticated("The Authorization header holds no key.");
    const { id, name, kind, scopes } = await byKey(options, key);
    if (kind === "secret") return { key: id, name, scopes, viewer: null };
    if (userToken === null)
      throw new KnockError("UNAUTHENTICATED", { problem: "A public key needs a user token.", userToken: true });
    return { key: id, name, scopes: [], viewer: await verify(userToken, options.clock.now()) };
  }

  /** One who shows a secret key has its scope to deploy as well; one who shows a user token is that person. */
  async function keyless({ key, userToken }: Credentials): Promise<Identity> {
    if (userToken !== null) {
      return { key: null, name: null, scopes: [], viewer: await verify(userToken, options.clock.now()) };
    }
    if (!options.deploys || key === null || !KEY.test(key)) return withoutKey;
    const found = await byKey(options, key).catch((error: unknown) => {
      if (KnockError.is(error, "UNAUTHENTICATED")) return null;
      throw error;
    });
    return found ? { ...anyone, name: found.name, scopes: [...anyone.scopes, ...found.scopes] } : anyone;
  }

  return options.required ? authenticated : keyless;
}
