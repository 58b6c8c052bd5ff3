// Keys of servers: made, listed and revoked. Keys that sign: made.
import { createHash, randomBytes } from "node:crypto";
import { KnockError } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import { createSigningPair } from "../deploy/artifacts/signature.ts";
import { insertApiKey, listApiKeys, revokeApiKey, type StoredApiKey } from "../store/api-keys.ts";
import type { Cli, GlobalOptions } from "./cli.ts";
import { withDatabase } from "./open-project.ts";

/** What the commands about keys take. */
export interface KeysOptions extends GlobalOptions {
  json?: boolean;
}

/** What `knock keys create` takes. */
export interface CreateOptions extends KeysOptions {
  name: string;
  scope?: string[];
  public?: boolean;
}

const SECRET_BYTES = 24;
/** As much as tells two keys apart and nothing that helps to guess one. */
const PREFIX_LENGTH = 9;

function newKey(cli: Cli, { name, scope = ["notify"], ...options }: CreateOptions) {
  const now = cli.clock.now();
  const kind = options.public ? "public" : "secret";
  const secret = `${options.public ? "pk" : "sk"}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  const hash = createHash("sha256").update(secret).digest("hex");
  const prefix = secret.slice(0, PREFIX_LENGTH);
  const scopes = options.public ? [] : scope;
  return { secret, key: { id: newId(now), name, kind, prefix, hash, scopes, createdAt: now } } as const;
}

/** Creates a key and shows its secret, once. */
export const createKey = (cli: Cli, options: CreateOptions) =>
  withDatabase(cli, options, async (database) => {
    const { key, secret } = newKey(cli, options);
    await insertApiKey(database.db, key);
    const { terminal } = cli;
    const { paint } = terminal;
    const { id, name, kind, scopes } = key;
    if (options.json) return terminal.out(JSON.stringify({ id, name, kind, scopes, secret }));
    const may = options.public
      ? "is public: with a user token it reaches what is its user's"
      : `may ${scopes.join(", ")}`;
    terminal.out(`${paint.green("✓")} key "${name}" ${may}\n`);
    terminal.out(`  ${paint.bold(secret)}\n`);
    terminal.out(`  ${paint.yellow("!")} This is the only time it is shown. Revoke it with: knock keys revoke ${id}`);
  });

const shownKey = ({ id, name, kind, prefix, scopes: held, createdAt, revokedAt }: StoredApiKey) => ({
  id,
  name,
  kind,
  prefix,
  scopes: held,
  createdAt,
  revokedAt,
});

/** Lists all keys. */
export const listKeys = (cli: Cli, options: KeysOptions) =>
  withDatabase(cli, options, async (database) => {
    const keys = await listApiKeys(database.db);
    const { terminal } = cli;
    const { paint } = terminal;
    if (options.json) return terminal.out(JSON.stringify(keys.map(shownKey), null, 2));
    if (keys.length === 0) return terminal.out("There is no key yet. Create one: knock keys create --name backend");
    const width = Math.max(...keys.map(({ name }) => name.length));
    for (const { id, name, kind, prefix, scopes: held, createdAt, revokedAt } of keys) {
      const state = revokedAt ? paint.red(`revoked ${revokedAt.toISOString().slice(0, 10)}`) : paint.green("valid");
      const line = `${id}  ${paint.bold(name.padEnd(width))}  ${prefix}…  ${kind}  ${held.join(",").padEnd(24)}  ${paint.dim(createdAt.toISOString().slice(0, 10))}  ${state}`;
      terminal.out(line);
    }
  });

/** Revokes a key. */
export const revokeKey = (cli: Cli, id: string, options: KeysOptions) =>
  withDatabase(cli, options, async (database) => {
    if (!(await revokeApiKey(database.db, id, cli.clock.now())))
      throw new KnockError("NOT_FOUND", { what: "valid key", id });
    const { terminal } = cli;
    terminal.out(
      options.json
        ? JSON.stringify({ revoked: id })
        : `${terminal.paint.green("✓")} the key is revoked: servers refuse it from now on`,
    );
  });

/** Makes a pair of signing keys and says where each half goes. Neither is kept. */
export function createSigningKeys({ terminal }: Cli, options: KeysOptions): void {
  const pair = createSigningPair();
  if (options.json) return terminal.out(JSON.stringify(pair));
  const { paint } = terminal;
  terminal.out(`${paint.green("✓")} a pair of Ed25519 keys: this is the only time it is shown\n`);
  terminal.out(`  private  ${paint.bold(pair.privateKey)}`);
  terminal.out(`  public   ${paint.bold(pair.publicKey)}\n`);
  terminal.out("The private half goes to whoever deploys, as KNOCK_SIGNING_KEY or as `signingKey` of an environment.");
  terminal.out(
    "The public half goes into knock.config.ts of servers and workers, which then run only what is signed:\n",
  );
  terminal.out(`  deploy: { publicKeys: [${JSON.stringify(pair.publicKey)}] },`);
}
