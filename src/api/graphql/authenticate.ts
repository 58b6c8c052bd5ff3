// Who calls. A secret is known by its hash alone, so the database holds nothing that could be used.
import { createHash, timingSafeEqual } from "node:crypto";
import { KnockError } from "../../base/errors.ts";
import { findApiKeyByHash } from "../../store/api-keys.ts";
import type { Executor } from "../../store/executor.ts";
import { requestError } from "./request-errors.ts";
import type { Identity } from "./scopes.ts";

const BEARER = /^Bearer +(sk_[\w-]{16,256})$/i;

const unauthenticated = (problem?: string) =>
  requestError(new KnockError("UNAUTHENTICATED", problem ? { problem } : {}));

/** The caller of a request, by its key. Throws an error that becomes 401. */
export async function authenticate(headers: Headers, db: Executor): Promise<Identity> {
  const header = headers.get("authorization");
  if (header === null) throw unauthenticated();
  const secret = BEARER.exec(header)?.[1];
  if (secret === undefined) throw unauthenticated("The Authorization header holds no secret key.");
  const hash = createHash("sha256").update(secret).digest();
  const key = await findApiKeyByHash(db, hash.toString("hex"));
  // The index found it by its hash; comparing once more in constant time costs nothing.
  if (!key || !timingSafeEqual(Buffer.from(key.hash, "hex"), hash)) {
    throw unauthenticated("The key is not known, or it was revoked.");
  }
  return { key: key.id, name: key.name, scopes: key.scopes };
}
