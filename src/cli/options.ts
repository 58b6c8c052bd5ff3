// Options that several commands share.
import { InvalidArgumentError, Option } from "commander";
import { recordFormats } from "./read-records.ts";

/** A port from the command line. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("a port is a number from 0 to 65535; 0 lets the system choose");
}

/** Collects an option that may be given several times. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

export const portOption = () =>
  new Option("-p, --port <number>", "port of the server").argParser(parsePort).default(7300).env("KNOCK_PORT");

export const hostOption = () =>
  new Option("--host <address>", "address to bind; any but this machine's own needs API keys")
    .default("127.0.0.1")
    .env("KNOCK_HOST");

export const jsonOption = () => new Option("--json", "print the result as JSON");

export const jsonLinesOption = () => new Option("--json", "print what happens as JSON, one object per line");

export const formatOption = () =>
  new Option("--format <form>", "form of the file, when its name does not tell").choices(recordFormats);

export const urlOption = () =>
  new Option("--url <url>", "talk to a running server instead of the database").env("KNOCK_URL");

export const environmentOption = () =>
  new Option("--env <name>", "an environment of the config, instead of the project's own database");

export const apiKeyOption = () => new Option("--api-key <secret>", "key for that server").env("KNOCK_API_KEY");
