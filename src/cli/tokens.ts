// User tokens: signed, as a project's own backend would; and the keys that sign them.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Duration } from "../base/duration.ts";
import { KnockError } from "../base/errors.ts";
import { createTokenKeys } from "../engine/viewer/keys.ts";
import { signUserToken } from "../engine/viewer/sign-user-token.ts";
import type { Cli, GlobalOptions } from "./cli.ts";
import { dataDirectory } from "./database-target.ts";
import { developmentKey, TOKEN_KEY_VARIABLE } from "./development-keys.ts";
import { findProject } from "./find-project.ts";

/** What `knock tokens sign` takes. */
export interface SignOptions extends GlobalOptions {
  user: string;
  tenant?: string[];
  expires: string;
  /** A file with the private key. */
  key?: string;
  json?: boolean;
}

/** What `knock tokens keys` takes. */
export interface TokenKeysOptions extends GlobalOptions {
  rsa?: boolean;
  json?: boolean;
}

function keyFile(cwd: string, path: string): string {
  try {
    return readFileSync(resolve(cwd, path), "utf8");
  } catch (error) {
    const problem = `the file ${path} cannot be read`;
    throw new KnockError("INVALID_CONFIG", { problem, fix: "Correct --key." }, { cause: error });
  }
}

/** The private key, and where it is from. */
function signingKey({ cwd, environment }: Cli, { key, config }: SignOptions) {
  if (key !== undefined) return { privateKey: keyFile(cwd, key), from: "file" } as const;
  const given = environment[TOKEN_KEY_VARIABLE];
  if (given) return { privateKey: given, from: "environment" } as const;
  const { root } = findProject(cwd, config);
  return { privateKey: developmentKey(dataDirectory({ root, cwd, environment })), from: "development" } as const;
}

/** Signs a token for somebody and prints it. */
export async function signToken(cli: Cli, options: SignOptions): Promise<void> {
  const { terminal, clock } = cli;
  const { user, tenant, expires, json } = options;
  const { privateKey, from } = signingKey(cli, options);
  const token = await signUserToken({
    userId: user,
    privateKey,
    expiresIn: expires as Duration,
    ...(tenant && { tenants: tenant }),
    now: clock.now(),
  });
  if (json) return terminal.out(JSON.stringify({ token, userId: user, tenants: tenant ?? null, key: from }));
  terminal.out(token);
  if (from === "development") {
    const { paintErr } = terminal;
    terminal.err(paintErr.dim("signed with the development key of this project, which only `knock dev` accepts"));
  }
}

/** Makes a pair of keys that sign user tokens and says where each half goes. Neither is kept. */
export function createKeys({ terminal }: Cli, options: TokenKeysOptions): void {
  const pair = createTokenKeys(options.rsa ? "rsa" : "p256");
  if (options.json) return terminal.out(JSON.stringify(pair));
  const { paint } = terminal;
  terminal.out(
    `${paint.green("✓")} a pair of ${options.rsa ? "RSA" : "P-256"} keys: this is the only time it is shown\n`,
  );
  terminal.out(`  private  ${paint.bold(pair.privateKey)}`);
  terminal.out(`  public   ${paint.bold(pair.publicKey)}\n`);
  terminal.out(`The private half goes to the backend that knows who is logged in, as ${TOKEN_KEY_VARIABLE}:\n`);
  terminal.out(`  await signUserToken({ userId, privateKey: process.env.${TOKEN_KEY_VARIABLE}! })\n`);
  terminal.out(
    "The public half goes into knock.config.ts. To change keys, name both for as long as old tokens live:\n",
  );
  terminal.out(`  endUsers: { publicKeys: [${JSON.stringify(pair.publicKey)}] },`);
}
