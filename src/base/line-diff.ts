// The lines that differ between two texts: Myers' shortest way from one to the other.

/** A way that has more lines than this is not looked for: then all that lies between what is equal differs. */
const LONGEST_WAY = 2_000;

/** A place: `x` lines of the first text and `y` of the second are behind it. */
interface Place {
  x: number;
  y: number;
}

/**
 * How far each diagonal gets with so many differing lines, for each number of them until the end is reached; `null`
 * when that would be too many.
 */
function reaches(before: readonly string[], after: readonly string[]): Int32Array[] | null {
  const most = Math.min(before.length + after.length, LONGEST_WAY);
  const trace: Int32Array[] = [];
  let furthest = new Int32Array(2);
  for (let steps = 0; steps <= most; steps++) {
    const next = new Int32Array(2 * steps + 1);
    for (let diagonal = -steps; diagonal <= steps; diagonal += 2) {
      // Diagonals of the step before are kept from -(steps - 1) on.
      const at = (other: number) => furthest[other + steps - 1] ?? -1;
      const down = diagonal === -steps || (diagonal !== steps && at(diagonal - 1) < at(diagonal + 1));
      let x = steps === 0 ? 0 : down ? at(diagonal + 1) : at(diagonal - 1) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      next[diagonal + steps] = x;
      if (x >= before.length && x - diagonal >= after.length) return [...trace, next];
    }
    trace.push(next);
    furthest = next;
  }
  return null;
}

/** The marked lines between two places, of which one lies one line beyond the other and then along equal lines. */
function* wayBack(trace: readonly Int32Array[], end: Place): Generator<{ mark: "+" | "-"; at: number }> {
  let { x, y } = end;
  for (let steps = trace.length - 1; steps > 0; steps--) {
    const diagonal = x - y;
    const at = (other: number) => trace[steps - 1]![other + steps - 1] ?? -1;
    const down = diagonal === -steps || (diagonal !== steps && at(diagonal - 1) < at(diagonal + 1));
    const from = down ? diagonal + 1 : diagonal - 1;
    x = at(from);
    y = x - from;
    yield down ? { mark: "+", at: y } : { mark: "-", at: x };
  }
}

function shared(before: readonly string[], after: readonly string[]): { start: number; end: number } {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return { start, end };
}

const linesOf = (text: string): string[] => (text === "" ? [] : text.split("\n"));

/**
 * The lines of two texts that go (`-`) and come (`+`), each with its mark, in their order.
 *
 * @example lineDiff("a\nb", "a\nc") // ["-b", "+c"]
 */
export function lineDiff(before: string, after: string): string[] {
  const [old, young] = [linesOf(before), linesOf(after)];
  const { start, end } = shared(old, young);
  const [gone, come] = [old.slice(start, old.length - end), young.slice(start, young.length - end)];
  const trace = reaches(gone, come);
  if (!trace) return [...gone.map((line) => `-${line}`), ...come.map((line) => `+${line}`)];
  return [...wayBack(trace, { x: gone.length, y: come.length })]
    .toReversed()
    .map(({ mark, at }) => `${mark}${(mark === "+" ? come : gone)[at]}`);
}
