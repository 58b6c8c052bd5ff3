import { stopwatch } from "../src/base/clock.ts";
import { elapsed, plural, type Terminal } from "../src/cli/terminal.ts";
import { differences, factsOf } from "./facts.ts";
import { play } from "./play.ts";
import { printStory, printVerdict } from "./print.ts";
import { prepareCast, type Story, stories } from "./stories.ts";
import { startSystem, type System } from "./system.ts";

async function playAll(
  system: System,
  given: readonly Story[],
  terminal: Terminal,
): Promise<{ facts: number; wrong: number }> {
  let facts = 0;
  let wrong = 0;
  for (const [index, story] of given.entries()) {
    const observed = await play(story, system);
    printStory(index + 1, story, observed, terminal);
    const found = factsOf(observed);
    const differing = differences(story, found);
    printVerdict(found.length, differing, terminal);
    facts += found.length;
    wrong += differing.length;
  }
  return { facts, wrong };
}

/**
 * Plays stories against a server of their own and prints what became of them.
 *
 * @returns the exit code: 0 only if everything happened as the rules say
 */
export async function demo(terminal: Terminal, given: readonly Story[] = stories): Promise<0 | 1> {
  const { out, paint } = terminal;
  const took = stopwatch();
  const system = await startSystem();
  try {
    const started = `started in ${elapsed(took())}`;
    out(
      `\n ${paint.bold(paint.cyan("knock demo"))}   ${system.url}, ${started} ${paint.dim("on a temporary database")}`,
    );
    out(
      ` ${paint.dim("Calls are made with the typed client. Everything about their effect was read back from the server.")}\n`,
    );
    for (const line of await prepareCast(system.client)) out(` ${paint.dim(line)}`);
    const { facts, wrong } = await playAll(system, given, terminal);
    const problems = system.problems();
    for (const problem of problems) out(` ${paint.red("✗")} the server reports: ${problem}`);
    const good = wrong + problems.length === 0;
    const verdict = good ? paint.green("✓ everything as the rules say") : paint.red("✗ not as the rules say");
    out(`\n ${verdict}   ${paint.dim(`${given.length} stories, ${plural(facts, "fact")}, ${elapsed(took())}`)}\n`);
    return good ? 0 : 1;
  } finally {
    await system.stop();
  }
}
