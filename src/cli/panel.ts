// What `knock dev` and `knock start` say once they run: only what is true of this process.
import { homedir } from "node:os";
import { relative } from "node:path";
import type { Config } from "../registry/config.ts";
import type { Registry } from "../registry/registry.ts";
import type { Database } from "../store/database.ts";
import { elapsed, type Paint } from "./terminal.ts";

export interface Panel {
  version: string;
  /** `embedded PostgreSQL (.knock)` or `PostgreSQL localhost:5432`. */
  database: string;
  /** Since the process began, in milliseconds. */
  readyIn: number;
  registry: Registry;
  channels: Config["channels"];
  /** Where the server answers; `null` for a process that only works. */
  url: string | null;
  graphiql: boolean;
  /** Channels really deliver. */
  sends: boolean;
  /** This process executes runs. */
  works: boolean;
  /** What is deployed, in words; absent for a process that works from its own files. */
  deployed?: string | null;
  /** Things that a reader should know, each a sentence. */
  warnings: readonly string[];
  /** Who was made to try things with; `null` for nobody. */
  people?: string | null;
  /** The keys that can be pressed, by what they do; empty without a keyboard. */
  keys: readonly (readonly [key: string, does: string])[];
}

/** A database as people know it. */
export function databaseWords({ driver, address }: Pick<Database, "driver" | "address">, cwd: string): string {
  if (driver === "postgres") return `PostgreSQL ${address}`;
  if (address === "memory") return "embedded PostgreSQL, in memory";
  const path = relative(cwd, address);
  return `embedded PostgreSQL (${path.startsWith("..") ? address.replace(homedir(), "~") : path || "."})`;
}

const MOST_NAMES = 8;

function workflowNames(registry: Registry, paint: Paint): string {
  const keys = [...registry.keys()];
  const more = keys.length - MOST_NAMES;
  const names = keys.slice(0, more > 1 ? MOST_NAMES : undefined).join("  ");
  return `${paint.bold(String(keys.length))}   ${names}${more > 1 ? paint.dim(`  and ${more} more`) : ""}`;
}

const typeWords: Record<string, string> = { inApp: "in-app", email: "e-mail" };

function channelWords({ channels, sends }: Panel, paint: Paint): string {
  const words = Object.entries(channels).map(([key, { channel, key: provider }]) => {
    const way = channel === "inApp" ? "stored" : sends ? `through ${provider}` : "printed here";
    return `${key} ${paint.dim(`${typeWords[channel] ?? channel}, ${way}`)}`;
  });
  return words.join("   ") || paint.dim("none");
}

function deliveryWords({ sends, works, channels }: Panel, paint: Paint): string {
  if (!works) return "this process only accepts calls; a worker executes them";
  if (sends) return paint.yellow("messages are really sent");
  const outside = Object.values(channels).some(({ channel }) => channel !== "inApp");
  return outside
    ? `nothing leaves this machine ${paint.dim("(--send delivers for real)")}`
    : "nothing leaves this machine";
}

/** The lines of the panel. */
export function panelLines(panel: Panel, paint: Paint): string[] {
  const { version, database, readyIn, url, graphiql } = panel;
  const label = (text: string) => paint.dim(text.padEnd(11));
  const lines = [
    `${paint.bold(paint.cyan("knock"))} ${version}   ${paint.dim(database)}   ${paint.green("ready")} in ${elapsed(readyIn)}`,
    "",
    `${label("workflows")}${workflowNames(panel.registry, paint)}`,
    ...(panel.deployed ? [`${label("deployed")}${panel.deployed}`] : []),
    `${label("channels")}${channelWords(panel, paint)}`,
    `${label("delivery")}${deliveryWords(panel, paint)}`,
  ];
  if (url)
    lines.push(
      `${label("graphql")}${paint.cyan(`${url}/graphql`)}${graphiql ? paint.dim("   GraphiQL in a browser, works offline") : ""}`,
    );
  if (panel.people) lines.push(`${label("people")}${panel.people}`);
  for (const warning of panel.warnings) lines.push(`${label("")}${paint.yellow("!")} ${warning}`);
  if (panel.keys.length > 0) {
    const keys = panel.keys.map(([key, does]) => `${paint.bold(key)} ${paint.dim(does)}`).join("   ");
    lines.push("", `${label("press")}${keys}`);
  }
  return lines.map((line) => (line ? `  ${line}` : ""));
}
