// The operations of the hosted product's clients, read out of the clients themselves, and what of them is here.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { notHere } from "../src/api/rest/not-here.ts";
import { routeTable } from "../src/api/rest/route-table.ts";
import { routes } from "../src/api/rest/routes.ts";

/** A client, and how its source says what it asks for. */
interface Client {
  name: string;
  folder: string;
  /** Finds the method, then the path. */
  calls: RegExp;
}

const require = createRequire(import.meta.url);

/** The folder of a package, which does not let its package.json be asked for. */
function folderOf(name: string): string {
  for (let folder = dirname(require.resolve(name)); ; folder = dirname(folder)) {
    if (folder.endsWith(`/${name}`)) return folder;
    if (folder === dirname(folder)) throw new Error(`${name} is not installed`);
  }
}

const older = /this\.knock\.(get|post|put|delete)\(\s*[`"]([^`"]+)/g;

const clients: readonly Client[] = [
  { name: "0.4", folder: join(folderOf("knock-node-0"), "dist/src"), calls: older },
  { name: "0.6", folder: join(folderOf("knock-node-0-6"), "dist/src"), calls: older },
  {
    name: "1.x",
    folder: join(folderOf("@knocklabs/node"), "resources"),
    calls: /_client\.(get|post|put|delete|getAPIList)\(\s*(?:\(0, path_1\.path\)\s*)?[`'"]([^`'"]+)/g,
  },
  {
    name: "feed client",
    folder: join(folderOf("@knocklabs/client"), "src"),
    calls: /method: "(\w+)",\s*url: `([^`]+)`/g,
  },
];

/** What no released client calls, and the documents of the product describe. */
const documented = [
  ["POST", "/v1/notify"],
  ["POST", "/v1/notify/cancel"],
  ["DELETE", "/v1/messages/:messageId/unread"],
  ["DELETE", "/v1/messages/:messageId/unseen"],
  ["DELETE", "/v1/messages/:messageId/unarchived"],
] as const;

/** Parameters that stand for one of a few words. */
const WORDS = new Set(["status", "action"]);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /(?<!\.d)\.(js|ts)$/.test(file) && !/test/.test(file))
    .map((file) => join(folder, file));
}

/** `/v1/users/:userId` for `/v1/users/${this.instance.userId}`. */
const named = (path: string): string =>
  path
    .replace(/\$\{guidesApiRootPath\([^}]+\}/, "/v1/users/:userId/guides")
    .replace(/^(?!\/)/, "/")
    .replaceAll(/\$\{([^}]+)\}/g, (_whole, expression: string) => `:${expression.split(".").at(-1)!}`);

/** The same for all clients, whatever they call the parameters. */
const placeOf = (method: string, path: string): string =>
  `${method} ${path.replaceAll(/:(\w+)/g, (_whole, name: string) => (WORDS.has(name) ? ":word" : ":"))}`;

/** An operation of the hosted product. */
export interface Operation {
  method: string;
  /** With the names of parameters as the first client has them. */
  path: string;
  /** Which clients call it. */
  clients: string[];
  /** Whether it is here. */
  state: "yes" | "no, by design" | "missing";
}

const find = routeTable(routes);

function stateOf(method: string, path: string): Operation["state"] {
  const sample = path.replaceAll(/:(\w+)/g, (_whole, name: string) => (WORDS.has(name) ? "read" : "x"));
  if ("route" in find(method, sample)) return "yes";
  return notHere(sample) ? "no, by design" : "missing";
}

/** All operations, by path. */
export function operations(): Operation[] {
  const byPlace = new Map<string, Operation>();
  const add = (method: string, path: string, client: string | null) => {
    const place = placeOf(method, path);
    const known = byPlace.get(place) ?? { method, path, clients: [], state: stateOf(method, path) };
    if (client !== null && !known.clients.includes(client)) known.clients.push(client);
    byPlace.set(place, known);
  };
  for (const { name, folder, calls } of clients) {
    for (const file of filesIn(folder)) {
      for (const [, verb, path] of readFileSync(file, "utf8").matchAll(calls)) {
        const method = verb === "getAPIList" ? "GET" : verb!.toUpperCase();
        add(method, named(path!), name);
      }
    }
  }
  for (const [method, path] of documented) add(method, path, null);
  return [...byPlace.values()].toSorted((a, b) =>
    placeOf("", a.path) + a.method < placeOf("", b.path) + b.method ? -1 : 1,
  );
}

/** The matrix for the docs. */
export function matrix(): string {
  const names = clients.map(({ name }) => name);
  const rows = operations().map(({ method, path, clients: callers, state }) =>
    [`\`${method} ${path}\``, ...names.map((name) => (callers.includes(name) ? "x" : "")), state].join(" | "),
  );
  const head = ["Operation", ...names, "here"];
  return [head.join(" | "), head.map(() => "---").join(" | "), ...rows]
    .map((row) => `| ${row} |`.replaceAll("|  |", "| |").replaceAll("|  |", "| |"))
    .join("\n");
}
