// The cost of one recipient against the number of recipients, as a picture.
import { writeFile } from "node:fs/promises";
import type { FanOut } from "./fan-out.ts";
import { total } from "./usage.ts";

const FILE = new URL("../docs/cost-per-recipient.svg", import.meta.url);
const [WIDTH, HEIGHT, LEFT, BOTTOM] = [640, 300, 70, 250];

/** Microseconds of processor time, Node's and the server's, for each recipient. */
export const costOf = ({ usage, people }: Pick<FanOut, "usage" | "people">): number => (total(usage) * 1_000) / people;

function picture(points: readonly { people: number; cost: number }[]): string {
  const highest = 50 * Math.ceil(Math.max(...points.map(({ cost }) => cost)) / 50);
  const logs = points.map(({ people }) => Math.log10(people));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  const x = (people: number) =>
    Math.round(LEFT + ((Math.log10(people) - least) / (most - least || 1)) * (WIDTH - LEFT - 40));
  const y = (cost: number) => Math.round(BOTTOM - (cost / highest) * 200);
  const line = points.map(({ people, cost }) => `${x(people)},${y(cost)}`).join(" ");
  const marks = points.map(
    ({ people, cost }) =>
      `<circle cx="${x(people)}" cy="${y(cost)}" r="4"/><text x="${x(people)}" y="${y(cost) - 10}">${Math.round(cost)}</text>` +
      `<text x="${x(people)}" y="${BOTTOM + 20}">${people.toLocaleString("en")}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" text-anchor="middle">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${WIDTH / 2}" y="20" font-size="14">Processor time for each recipient, in microseconds (Node and PostgreSQL)</text>
<path d="M${LEFT} 40V${BOTTOM}H${WIDTH - 20}" fill="none" stroke="#888"/>
<text x="${LEFT - 20}" y="${BOTTOM + 4}">0</text><text x="${LEFT - 20}" y="${y(highest) + 4}">${highest}</text>
<text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 8}">members of the list</text>
<g fill="#2563eb"><polyline points="${line}" fill="none" stroke="#2563eb" stroke-width="2"/>
${marks.join("\n")}</g>
</svg>
`;
}

/** Writes the picture into the docs. */
export async function drawCurve(results: readonly FanOut[]): Promise<void> {
  await writeFile(FILE, picture(results.map((result) => ({ people: result.people, cost: costOf(result) }))));
}
