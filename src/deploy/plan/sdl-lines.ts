const DESCRIPTIONS = /^[ ]*"""[\s\S]*?"""\n/gm;

/** A type or a field whose members follow, further to the right. */
interface Open {
  indent: number;
  name: string;
}

/**
 * A GraphQL schema as lines each of which says where it belongs, so that a difference needs no lines around it.
 * Descriptions are left out: they break nobody.
 *
 * @example sdlLines("enum Role {\n  guest\n}") // ["enum Role", "enum Role: guest"]
 */
export function sdlLines(sdl: string): string[] {
  const open: Open[] = [];
  const lines: string[] = [];
  const add = (text: string) => lines.push([open.map(({ name }) => name).join("."), text].filter(Boolean).join(": "));
  for (const line of sdl.replaceAll(DESCRIPTIONS, "").split("\n")) {
    const text = line.trim();
    if (text === "") continue;
    const indent = line.length - line.trimStart().length;
    let closed: Open | undefined;
    while (open.length > 0 && open.at(-1)!.indent >= indent) closed = open.pop();
    // `): Type` behind the arguments of a field.
    if (text.startsWith(")")) add(`${closed?.name ?? ""}${text.slice(1)}`);
    else if (/[{(]$/.test(text)) {
      const name = text.slice(0, -1).trim();
      if (text.endsWith("{")) add(name);
      open.push({ indent, name });
    } else if (text !== "}") add(text);
  }
  return lines;
}
