import { Command } from "commander";
import type { Cli } from "../cli.ts";
import { collect, jsonOption } from "../options.ts";
import type { SignOptions, TokenKeysOptions } from "../tokens.ts";

const implementation = () => import("../tokens.ts");

/** `tokens sign` and `tokens keys`. */
export function tokensCommand(cli: Cli): Command {
  const tokens = new Command("tokens")
    .summary("sign user tokens, make the keys that sign them")
    .description("Tokens that prove to the server who somebody is, for browsers and phones.");
  tokens
    .command("sign")
    .summary("sign a user token")
    .description(
      "Signs a token for one person, as your own backend does with signUserToken. The private key is that of --key, or of KNOCK_USER_TOKEN_KEY, or the project's development key, which is made when it is first needed and which only `knock dev` accepts.",
    )
    .requiredOption("--user <id>", "who the token is for")
    .option("--tenant <id>", "limit it to what belongs to this tenant or to none; may be given several times", collect)
    .option("--expires <duration>", "how long it is valid", "1h")
    .option("--key <file>", "file with the private key, as PEM or as one line of base64")
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock tokens sign --user ada --expires 8h")
    .action(async (_options: unknown, command: Command) =>
      (await implementation()).signToken(cli, command.optsWithGlobals<SignOptions>()),
    );
  tokens
    .command("keys")
    .summary("make a pair of keys that sign user tokens")
    .description(
      "Makes a P-256 pair. With the private half your backend signs user tokens; servers with the public half in their config accept them. Nothing is stored.",
    )
    .option("--rsa", "make an RSA pair, for backends that sign with an SDK of the hosted product")
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock tokens keys --json")
    .action(async (_options: unknown, command: Command) =>
      (await implementation()).createKeys(cli, command.optsWithGlobals<TokenKeysOptions>()),
    );
  return tokens;
}
