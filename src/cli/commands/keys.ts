import { Command, InvalidArgumentError } from "commander";
import { scopeMeanings, scopes } from "../../api/auth/identity.ts";
import type { Cli } from "../cli.ts";
import type { CreateOptions, KeysOptions } from "../keys.ts";
import { jsonOption } from "../options.ts";

const implementation = () => import("../keys.ts");

function parseScope(value: string, before: string[] | undefined): string[] {
  const given = value.split(",").map((scope) => scope.trim());
  const unknown = given.find((scope) => !(scopes as readonly string[]).includes(scope));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is no scope; there are ${scopes.join(", ")}`);
  return [...new Set([...(before ?? []), ...given])];
}

const scopeHelp = scopes.map((scope) => `  ${scope.padEnd(8)}${scopeMeanings[scope]}`).join("\n");

/** `keys create`, `keys list`, `keys revoke` and `keys signing`. */
export function keysCommand(cli: Cli): Command {
  const keys = new Command("keys")
    .summary("create, list and revoke API keys, make signing keys")
    .description("Keys with which your servers call the API, and keys that sign what is deployed.");
  keys
    .command("create")
    .summary("create a key and show its secret once")
    .description(
      "Creates a key: a secret one (sk_…) for servers, or a public one (pk_…). It is shown once and stored as a hash.",
    )
    .option("--name <name>", "what the key is for", "server")
    .option("--scope <scope>", "what it may do; may be given several times (default: notify)", parseScope)
    .option("--public", "for browsers and phones, where it counts together with a user token (`knock tokens`)")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `\nScopes:\n${scopeHelp}\n\nExample:\n  knock keys create --name backend --scope notify --scope write\n  knock keys create --name website --public`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CreateOptions>();
      if (options.public && options.scope) {
        command.error("error: a public key has no scopes: what it reaches says the user token", { exitCode: 2 });
      }
      await (await implementation()).createKey(cli, options);
    });
  keys
    .command("list")
    .summary("list all keys")
    .description("Lists all keys, revoked ones included, without their secrets.")
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock keys list --json")
    .action(async (_options: unknown, command: Command) =>
      (await implementation()).listKeys(cli, command.optsWithGlobals<KeysOptions>()),
    );
  keys
    .command("revoke")
    .summary("revoke a key for good")
    .description("Revokes a key: servers refuse it from now on.")
    .argument("<id>", "id of the key, as `knock keys list` shows it")
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock keys revoke 0199a3c4-7d2e-7cc1-9d0b-5f0a3e1b2c4d")
    .action(async (id: string, _options: unknown, command: Command) =>
      (await implementation()).revokeKey(cli, id, command.optsWithGlobals<KeysOptions>()),
    );
  keys
    .command("signing")
    .summary("make a pair of keys that sign what is deployed")
    .description(
      "Makes an Ed25519 pair. With the private half `knock sync` signs what it deploys; servers and workers with the public half in their config run nothing else. Nothing is stored.",
    )
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock keys signing --json")
    .action(async (_options: unknown, command: Command) =>
      (await implementation()).createSigningKeys(cli, command.optsWithGlobals<KeysOptions>()),
    );
  return keys;
}
