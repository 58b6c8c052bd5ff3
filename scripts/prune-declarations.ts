// Leaves in dist of the declarations (.d.ts) only what the package's entries lead to, name by name.
//
// Without this a consumer's compiler reads the declarations of our tables and drivers, and from there those of
// drizzle-orm, pg-boss and PGlite, which do not compile on their own: every consumer would need `skipLibCheck`.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseSync } from "vite";

type Node = { type: string; start: number; end: number } & Record<string, unknown>;

/** Where a name of a file comes from: `name` of the file, all of it (`*`), or a package. */
interface Origin {
  file: string | null;
  name: string;
}

interface Statement {
  node: Node;
  /** With the comment before it. */
  text: string;
  /** Names of this file that it mentions. */
  mentions: Set<string>;
  /** What it mentions by `import("…")`. */
  inline: Origin[];
}

interface Declarations {
  path: string;
  statements: Statement[];
  /** Statements by the names that they declare: overloads are several. */
  declared: Map<string, Statement[]>;
  imported: Map<string, Origin>;
  /** By exported name. `null` as a file: declared or imported here. */
  exported: Map<string, Origin>;
  stars: string[];
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "type" in value;

const childrenOf = (node: Node): Node[] => Object.values(node).flat().filter(isNode);

/** `Intl` of `Intl.DateTimeFormat`. */
function leftmost(node: Node): string | null {
  if (node.type === "Identifier") return node["name"] as string;
  const left = (node["left"] ?? node["object"]) as unknown;
  return isNode(left) ? leftmost(left) : null;
}

/** What a declaration has its names and its neighbours from, by the kind of node. */
const NAMING: Readonly<Record<string, string>> = {
  TSTypeReference: "typeName",
  TSTypeQuery: "exprName",
  TSInterfaceHeritage: "expression",
  TSClassImplements: "expression",
  ClassDeclaration: "superClass",
  ExportDefaultDeclaration: "declaration",
};

const fileOf = (from: string, specifier: unknown): string | null =>
  typeof specifier === "string" && specifier.startsWith(".")
    ? resolve(dirname(from), specifier.replace(/\.[jt]sx?$/, ".d.ts"))
    : null;

function mentionsOf(path: string, root: Node): Pick<Statement, "mentions" | "inline"> {
  const mentions = new Set<string>();
  const inline: Origin[] = [];
  const note = (node: unknown) => {
    const name = isNode(node) ? leftmost(node) : null;
    if (name !== null) mentions.add(name);
  };
  const visit = (node: Node): void => {
    const member = NAMING[node.type];
    if (member) note(node[member]);
    if (node["computed"] === true) note(node["key"]);
    if (node.type === "TSImportType") {
      const { value } = (node["source"] ?? node["argument"]) as { value?: unknown };
      const qualifier = node["qualifier"];
      inline.push({ file: fileOf(path, value), name: (isNode(qualifier) && leftmost(qualifier)) || "*" });
    }
    childrenOf(node).forEach(visit);
  };
  visit(root);
  return { mentions, inline };
}

const nameOf = (node: unknown): string => {
  const { name, value } = node as { name?: string; value?: string };
  return name ?? value!;
};

function namesDeclared(node: Node): string[] {
  const declaration = (node["declaration"] ?? node) as Node;
  if (node.type === "ExportDefaultDeclaration") return ["default"];
  if (declaration.type === "VariableDeclaration")
    return (declaration["declarations"] as Node[]).map(({ id }) => nameOf(id));
  return isNode(declaration["id"]) ? [nameOf(declaration["id"])] : [];
}

function readImport(file: Declarations, node: Node): void {
  const from = fileOf(file.path, (node["source"] as { value: string }).value);
  for (const specifier of node["specifiers"] as Node[]) {
    const kind = { ImportDefaultSpecifier: "default", ImportNamespaceSpecifier: "*" }[specifier.type];
    file.imported.set(nameOf(specifier["local"]), { file: from, name: kind ?? nameOf(specifier["imported"]) });
  }
}

function readExport(file: Declarations, node: Node): void {
  const source = node["source"] as { value: string } | null;
  const from = source && fileOf(file.path, source.value);
  if (node.type === "ExportAllDeclaration") {
    if (node["exported"]) file.exported.set(nameOf(node["exported"]), { file: from, name: "*" });
    else if (from) file.stars.push(from);
    return;
  }
  for (const specifier of (node["specifiers"] ?? []) as Node[])
    file.exported.set(nameOf(specifier["exported"]), { file: from, name: nameOf(specifier["local"]) });
}

function read(path: string): Declarations {
  const text = readFileSync(path, "utf8");
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]!.message}`);
  const file: Declarations = {
    path,
    statements: [],
    declared: new Map(),
    imported: new Map(),
    exported: new Map(),
    stars: [],
  };
  let end = 0;
  for (const node of program.body as unknown as Node[]) {
    const statement = { node, text: text.slice(end, node.end), ...mentionsOf(path, node) };
    end = node.end;
    file.statements.push(statement);
    if (node.type === "ImportDeclaration") readImport(file, node);
    else if (/^Export(Named|All)/.test(node.type) && !node["declaration"]) readExport(file, node);
    else {
      for (const name of namesDeclared(node)) {
        file.declared.set(name, [...(file.declared.get(name) ?? []), statement]);
        if (node.type.startsWith("Export")) file.exported.set(name, { file: null, name });
      }
    }
  }
  return file;
}

/** What is kept: statements, and of imports and re-exports the names. */
interface Kept {
  statements: Set<Statement>;
  imported: Set<string>;
  exported: Set<string>;
}

function follow(files: ReadonlyMap<string, Declarations>, entries: readonly string[]): Map<string, Kept> {
  const kept = new Map<string, Kept>();
  const keptOf = (path: string): Kept => {
    if (!kept.has(path)) kept.set(path, { statements: new Set(), imported: new Set(), exported: new Set() });
    return kept.get(path)!;
  };

  /** A name as the file itself uses it. */
  function keepLocal(file: Declarations, name: string): void {
    const origin = file.imported.get(name);
    const { imported, statements } = keptOf(file.path);
    if (origin && !imported.has(name)) {
      imported.add(name);
      keepOrigin(origin);
    }
    for (const statement of file.declared.get(name) ?? []) {
      if (statements.has(statement)) continue;
      statements.add(statement);
      for (const mention of statement.mentions) keepLocal(file, mention);
      statement.inline.forEach(keepOrigin);
    }
  }

  function keepOrigin({ file: path, name }: Origin): void {
    if (path === null) return;
    const file = files.get(path);
    if (!file) throw new Error(`${path} is not there`);
    if (name === "*") keepAll(file);
    else if (!keepExported(file, name)) throw new Error(`${path} does not export ${name}`);
  }

  /** A name as other files know it. */
  function keepExported(file: Declarations, name: string): boolean {
    const origin = file.exported.get(name);
    if (!origin) return file.stars.some((star) => keepExported(files.get(star)!, name));
    const { exported } = keptOf(file.path);
    if (exported.has(name)) return true;
    exported.add(name);
    if (origin.file === null) keepLocal(file, origin.name);
    else keepOrigin(origin);
    return true;
  }

  function keepAll(file: Declarations): void {
    keptOf(file.path);
    for (const name of file.exported.keys()) keepExported(file, name);
    for (const star of file.stars) keepAll(files.get(star)!);
  }

  for (const entry of entries) keepAll(files.get(entry)!);
  return kept;
}

const specifierText = (specifier: Node, text: string, offset: number): string =>
  text.slice(specifier.start - offset, specifier.end - offset);

/** An import or re-export with the kept names alone; empty when there is none. */
function narrowed({ node, text }: Statement, keeps: (specifier: Node) => boolean): string {
  const specifiers = (node["specifiers"] ?? []) as Node[];
  // Also what has none: `export {}`, and an import for its effects.
  if (specifiers.every(keeps)) return text;
  const left = specifiers.filter(keeps);
  if (left.length === 0) return "";
  const offset = node.end - text.length;
  const shown = left.map((specifier) => specifierText(specifier, text, offset)).join(", ");
  const from = JSON.stringify((node["source"] as { value: string } | null)?.value);
  const verb = node.type === "ImportDeclaration" ? "import" : "export";
  const kind = node[`${verb}Kind`] === "type" ? " type" : "";
  return `\n${verb}${kind} { ${shown} }${node["source"] ? ` from ${from}` : ""};`;
}

function textOf(file: Declarations, { statements, imported, exported }: Kept): string {
  const parts = file.statements.map((statement) => {
    const { node, text } = statement;
    if (node.type === "ImportDeclaration")
      return narrowed(statement, (specifier) => imported.has(nameOf(specifier["local"])));
    if (node.type === "ExportNamedDeclaration" && !node["declaration"])
      return narrowed(statement, (specifier) => exported.has(nameOf(specifier["exported"])));
    if (node.type === "ExportAllDeclaration" || statements.has(statement)) return text;
    return "";
  });
  return `${parts.join("").trim()}\nexport {};\n`;
}

/**
 * Removes from the declarations in a folder what the entries do not lead to.
 *
 * @param entries absolute paths
 * @throws Error when a name leads nowhere
 */
export function pruneDeclarations(folder: string, entries: readonly string[]): void {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".d.ts"))
    .map((name) => join(folder, name));
  const files = new Map(paths.map((path) => [path, read(path)]));
  const kept = follow(files, entries);
  for (const [path, file] of files) {
    const keeps = kept.get(path);
    if (keeps) writeFileSync(path, textOf(file, keeps));
    else if (existsSync(path)) rmSync(path);
  }
}
