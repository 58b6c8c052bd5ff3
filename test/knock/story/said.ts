// What the commands of the story print, and what people have been told at its turns.

/** What a command prints, without what differs from run to run. */
export const told = (text: string): string =>
  text
    .replaceAll(/PostgreSQL [\w.:/-]*\w/g, "PostgreSQL")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "<id>")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "<time>");

/** A commit, as it is printed. */
export const short = (commit: string): string => commit.slice(0, 7);

/** The texts of all orders when so many runs have finished in v1 with the texts that the rollback brought back. */
export const textsWith = (finished: number): string[] => [
  "order v1 received 1005: We have your order.",
  `order v1 shipped ${finished}: Order A-7 is on its way.`,
  "order v1 shipped 600: Order A-7 left by express mail.",
  `order v1 survey ${finished}: How do you like A-7?`,
  `order v1 thanks ${finished}: Thank you.`,
  "order v1 thanks 600: Thank you!",
  "order v2 received 30: We have your order.",
  "order v2 shipped 10: Order B-8 is on its way.",
  "order v2 shipped 20: Order B-8 left by fast mail.",
  "order v2 thanks 10: Thank you.",
  "order v2 thanks 20: Thank you!",
  "order v2 track 20: Follow B-8.",
];

/** The refusal of the second commit without `--allow-breaking`. */
export const REFUSED = {
  code: 1,
  stdout: `  ~ digest   changed    v1 → v2  2 steps, 2 texts, 150 runs under way
  ✗ order    blocked    v1 → v2  5 steps, data, 4 texts, 1,000 runs under way
  ~ summary  changed    v1 → v2  1 step, 1 text, 50 runs under way

  Nothing was deployed to PostgreSQL.

`,
  stderr: `✗ 3 changes break callers or runs under way:
order: breaks callers: data.ready_at: new required key
order: breaks callers: data.speed: no longer accepts "express"
order: 1000 of 1000 waiting runs do not fit: data.ready_at: Invalid input: expected string, received undefined
→ Look at \`knock sync --plan\`, then deploy all the same with --allow-breaking.
`,
};

/** The first deploy. */
export const firstDeploy = (commit: string): string => `✓ 3 workflows deployed to PostgreSQL

  + digest   added      v1
  + order    added      v1
  + summary  added      v1

  deploy <id> by Ada
  commit ${short(commit)}
`;

/** The second. */
export const secondDeploy = (commit: string): string => `✓ 3 workflows deployed to PostgreSQL

  ~ digest   changed    v1 → v2  2 steps, 2 texts, 150 runs under way
  ~ order    changed    v1 → v2  5 steps, data, 4 texts, 1,000 runs under way
  ~ summary  changed    v1 → v2  1 step, 1 text, 50 runs under way

  deploy <id> by Ben
  commit ${short(commit)}
`;

/** The refusal of the third commit while runs are open. */
export const OPEN = {
  code: 1,
  stdout: `  = digest   unchanged  v2
  ✗ order    blocked    v1  200 runs open
  = summary  unchanged  v2

  Nothing was deployed to PostgreSQL.

`,
  stderr: `✗ Workflows that are no longer part of the project have open runs: "order" (200).
→ Let them finish or end them: --archive-open=finish or --archive-open=cancel.
`,
};

/** The third, whose open runs finish. */
export const thirdDeploy = (commit: string): string => `✓ 1 workflow archived in PostgreSQL

  = digest   unchanged  v2
  - order    archived   v1  200 runs open
  = summary  unchanged  v2

  deploy <id> by Ben
  commit ${short(commit)}
`;
