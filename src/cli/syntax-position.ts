// Node does not say where a syntax error is when it finds one in code that is imported. Asked to check
// the same text as a file of its own, it does.
import { spawnSync } from "node:child_process";

const STRIP =
  "process.stdout.write(require('node:module').stripTypeScriptTypes(require('node:fs').readFileSync(process.argv[1],'utf8')))";

const node = (args: string[], input = "") =>
  spawnSync(process.execPath, args, { input, encoding: "utf8", timeout: 5_000 });

/** Line and column of the syntax error in a file, or `null` when there is none to find. */
export function syntaxPosition(file: string, source: string): { line: number; column: number } | null {
  const plain = /\.m?ts$/.test(file)
    ? node(["--no-warnings", "--input-type=commonjs", "-e", STRIP, file]).stdout
    : source;
  const { stderr } = node(["--input-type=module", "--check", "-"], plain);
  const frame = /^\[stdin\]:(\d+)\n.*\n( *)\^/.exec(stderr);
  return frame ? { line: Number(frame[1]), column: frame[2]!.length + 1 } : null;
}
