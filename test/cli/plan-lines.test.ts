// How a plan of a deploy is shown: on the terminal and in a pull request.
import { stripVTControlCharacters } from "node:util";
import picocolors from "picocolors";
import { expect, test } from "vitest";
import { planLines } from "../../src/cli/deploy/plan-lines.ts";
import { planMarkdown } from "../../src/cli/deploy/plan-markdown.ts";
import { planTable } from "../../src/cli/deploy/plan-table.ts";
import type { DeployPlan, WorkflowPlan } from "../../src/deploy/plan/plan.ts";
import { quietPlan, richPlan } from "./support/deploy-plan.ts";

const plain = picocolors.createColors(false);
const colours = picocolors.createColors(true);
const short: DeployPlan = { ...richPlan, graphql: richPlan.graphql.slice(0, 4) };
const planOf = (...workflows: WorkflowPlan[]): DeployPlan => ({
  workflows,
  graphql: [],
  changes: true,
  breaking: workflows.some(({ breaking }) => breaking.length > 0),
});

test("a change with nothing to show says why", () => {
  const nothing = { structure: [], content: [], data: [], codeOnly: null, breaking: [], waiting: [], stored: [] };
  const told = (from: number, to: number) => {
    const plan = planOf({
      ...richPlan.workflows[0]!,
      ...nothing,
      openBatches: 0,
      key: "w",
      change: "changed",
      from,
      to,
    });
    return [planLines(plan, plain, 100)[1], planMarkdown(plan, { environment: "x" }), planTable(plan, plain)[0]];
  };
  const [anew, anewMarkdown, anewRow] = told(3, 3);
  expect(anew).toBe("  the same code, signed anew");
  expect(anewMarkdown).toContain("The same code, signed anew.");
  expect(anewRow).toMatch(/changed +v3 {2}signed anew$/);
  const [unloaded, , unloadedRow] = told(3, 4);
  expect(unloaded).toContain("what is deployed cannot be loaded here");
  expect(unloadedRow).toMatch(/v3 → v4 {2}code only$/);
});

test("on a terminal of 80 columns", () => {
  expect(planLines(short, plain, 80).join("\n")).toMatchInlineSnapshot(`
    "digest  archived, was v2
      under way
        3 runs of v2 at wait (delay): they finish in v2, or end, as
          --archive-open says

    invoice  v3 → v4
      the code differs; without examples nobody can tell what people would read

    new-comment  v7 → v8
      ~ settings  name "New comment" → "New comments"
                  now required
      ~ grace     for 1h → 2h
      + text      sms when recipient.plan is "pro"
                  in pro of plan
      ~ mail      when recipient.plan is "pro" and not steps.feed.seen and
                  data.comments is more than 3 (was always)
                  subject, on example "one comment"
                    - New comments on Roadmap
                    + New comment on Roadmap
                  body, on example "one comment"
                    - there are new comments.
                    + there is **one** new comment by @grace, see #12: \`SELECT a |
                      b\`
      > call      moved behind grace
      - digest    removed
      ~ feed      title is new, on example "many"
                    + �[31mNew�[0m
      data
      ✗ data.invitee.email  new required key                    breaks callers
      ✓ data.locale         default "en" → "de"                 safe
      ✗ data.size           no longer accepts "medium | large"  breaks callers
      ✗ data.team           new key, default "all"              breaks runs
      under way
        1,000 runs of v7 at grace (delay): they finish in v7 with the new texts
        12 runs of v7 at digest (batch): they finish in v7; digest is gone and
          is skipped as retired (its content is code)
        1 run of v5 at grace (delay): nothing changes for them
        200 batches are open
      stored
      ✗ 2 of 40 schedules do not fit: data.invitee.email: is required
      ✓ all 1,013 waiting runs fit
      breaks
      ✗ 12 runs of v7 at digest: the code "is weekend" that digest asks is gone:
        it is skipped as retired

    old-friend  restored, v1 → v2
      data
      ✓ data.x  new required key  nobody calls it yet

    welcome  new, v1
      + feed   inApp
      + pause  delay for 1d

    weekly  v1 → v2
      the code differs, and reads the same on every example

    GraphQL schema
      -    size: NewCommentSize
      +    size: NewCommentSize!
      +    invitee: NewCommentInvitee!
      +    field0: String

    3 workflows change, 1 new, 1 restored, 1 archived, 2 unchanged, 2 changes break
    callers, 3 things break what is under way"
  `);
});

test("as Markdown", () => {
  expect(planMarkdown(short, { environment: "staging" })).toMatchInlineSnapshot(`
    "## Deploy plan for staging

    **❌ 3 workflows change, 1 new, 1 restored, 1 archived, 2 unchanged, 2 changes break callers, 3 things break what is under way.**

    ### \`digest\` archived, was v2

    | Under way | What becomes of them |
    | --- | --- |
    | 3 runs of v2 at \`wait\` (delay) | they finish in v2, or end, as --archive-open says |

    ### \`invoice\` v3 → v4

    The code differs; without examples nobody can tell what people would read.

    ### \`new-comment\` v7 → v8

    | Step |  | What |
    | --- | --- | --- |
    | *settings* | changed | \`name "New comment" → "New comments"\`<br>\`now required\` |
    | \`grace\` | changed | \`for 1h → 2h\` |
    | \`text\` | added | \`sms when recipient.plan is "pro"\`<br>\`in pro of plan\` |
    | \`mail\` | changed | \`when recipient.plan is "pro" and not steps.feed.seen and data.comments is more than 3 (was always)\` |
    | \`call\` | moved | \`moved behind grace\` |
    | \`digest\` | removed | \`removed\` |

    \`mail\` subject, on example "one comment"

    \`\`\`diff
    - New comments on Roadmap
    + New comment on Roadmap
    \`\`\`

    \`mail\` body, on example "one comment"

    \`\`\`diff
    - there are new comments.
    + there is **one** new comment by @grace, see #12: \`SELECT a | b\`
    \`\`\`

    \`feed\` title is new, on example "many"

    \`\`\`diff
    +  [31mNew [0m
    \`\`\`

    | Data | What |  |
    | --- | --- | --- |
    | \`data.invitee.email\` | \`new required key\` | ❌ **breaks callers** |
    | \`data.locale\` | \`default "en" → "de"\` | ✅ safe |
    | \`data.size\` | \`no longer accepts "medium \\| large"\` | ❌ **breaks callers** |
    | \`data.team\` | \`new key, default "all"\` | ❌ **breaks runs** |

    | Under way | What becomes of them |
    | --- | --- |
    | 1,000 runs of v7 at \`grace\` (delay) | they finish in v7 with the new texts |
    | 12 runs of v7 at \`digest\` (batch) | they finish in v7; \`digest\` is gone and is skipped as retired (its content is code) |
    | 1 run of v5 at \`grace\` (delay) | nothing changes for them |

    200 batches are open.

    - ❌ 2 of 40 schedules do not fit: data.invitee.email: is required
    - ✅ all 1,013 waiting runs fit
    - ❌ 12 runs of v7 at \`digest\`: the code "is weekend" that \`digest\` asks is gone: it is skipped as retired

    ### \`old-friend\` restored, v1 → v2

    | Data | What |  |
    | --- | --- | --- |
    | \`data.x\` | \`new required key\` | ✅ nobody calls it yet |

    ### \`welcome\` new, v1

    | Step |  | What |
    | --- | --- | --- |
    | \`feed\` | added | \`inApp\` |
    | \`pause\` | added | \`delay for 1d\` |

    ### \`weekly\` v1 → v2

    The code differs, and reads the same on every example.

    <details><summary>GraphQL schema: 4 lines</summary>

    \`\`\`diff
    -   size: NewCommentSize
    +   size: NewCommentSize!
    +   invitee: NewCommentInvitee!
    +   field0: String
    \`\`\`

    </details>

    Unchanged: \`receipt\`, \`yearly\`.
    "
  `);
});

test.each([60, 80, 100, 120])("no line is wider than %d columns, and colours change no text", (columns) => {
  const lines = planLines(richPlan, plain, columns);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  const painted = planLines(richPlan, colours, columns);
  expect(painted.map((line) => stripVTControlCharacters(line))).toEqual(lines);
  expect(painted.join("")).toContain("\u001b[31m");
});

test("at most 40 lines of the GraphQL schema, then how many more", () => {
  const lines = planLines(richPlan, plain);
  const from = lines.indexOf("GraphQL schema");
  expect(lines.slice(from + 1).findIndex((line) => line === "")).toBe(41);
  expect(lines[from + 41]).toBe("  … 23 more");
});

test("the last line sums it up", () => {
  const changed: WorkflowPlan = {
    ...quietPlan("a"),
    change: "changed",
    to: 4,
    breaking: ["breaks callers: data.x: new required key"],
  };
  const last = (plan: DeployPlan) => planLines(plan, plain).at(-1);
  expect(last(planOf(changed, { ...changed, key: "b", breaking: [] }))).toBe(
    "2 workflows change, 1 change breaks callers",
  );
  expect(last(planOf({ ...changed, breaking: [] }, quietPlan("b")))).toBe(
    "1 workflow changes, 1 unchanged, nothing breaks",
  );
  expect(planMarkdown({ ...planOf(quietPlan("b")), changes: false })).toContain("**✅ Nothing to do.**");
});

test("what comes from outside steers no terminal", () => {
  const hostile = "\u001b]0;x\u0007\u001b[2J\r\nend";
  const lines = planLines(
    planOf({
      ...quietPlan("a"),
      change: "changed",
      structure: [{ mark: "~", ref: "mail", kind: "email", texts: [hostile] }],
      content: [{ step: "mail", slot: "body", example: hostile, before: hostile, after: null }],
      data: [{ path: hostile, text: hostile, breaks: null }],
      waiting: [{ version: 1, step: hostile, kind: "delay", runs: 1, effect: hostile }],
      stored: [{ of: "schedules", misfits: 1, looked: 1, problem: hostile }],
      breaking: [hostile],
    }),
    plain,
  );
  expect(lines.join("")).not.toMatch(/\p{Cc}/u);
});

test("what comes from outside is no Markdown, and ends no block and no cell", () => {
  const hostile = "@team #1 `a` ``` <img src=x> | b\n\n# Heading\n```\n[x](y) **bold** \\| c";
  const text = planMarkdown(
    planOf({
      ...quietPlan("a"),
      change: "changed",
      structure: [{ mark: "~", ref: "mail", kind: "email", texts: [hostile] }],
      content: [{ step: "mail", slot: "body", example: hostile, before: hostile, after: null }],
      data: [{ path: hostile, text: hostile, breaks: null }],
      waiting: [{ version: 1, step: "mail", kind: "email", runs: 1, effect: hostile }],
      stored: [{ of: "schedules", misfits: 1, looked: 1, problem: hostile }],
      breaking: [hostile],
    }),
  );
  // Outside of blocks and code, nothing of it is left as it was.
  const blocks = /^(`{3,})diff\n[^]*?\n\1$/gm;
  expect([...text.matchAll(blocks)].length).toBe(1);
  const outside = text.replaceAll(blocks, "");
  expect(outside).not.toMatch(/^# Heading/m);
  const prose = outside.replaceAll(/(?<![`\\])(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, "");
  expect(prose).not.toMatch(/@team|(?<!\\)#1|(?<!\\)<img|(?<!\\)\[x|(?<!\\)\*\*bold/);
  for (const line of outside.split("\n").filter((each) => each.startsWith("|"))) {
    const cells = line.split(/(?<!\\)\|/).length - 2;
    expect(cells, line).toBe(
      line.startsWith("| 1 run") || line.includes("Under way") || /^\| --- \| --- \|$/.test(line) ? 2 : 3,
    );
  }
});

test("many waiting places are cut, and their runs counted", () => {
  const waiting = Array.from({ length: 30 }, (_value, index) => ({
    version: 1,
    step: `s${index}`,
    kind: "delay",
    runs: 10,
    effect: null,
  }));
  const lines = planLines(planOf({ ...quietPlan("a"), change: "changed", to: 4, waiting }), plain);
  expect(lines).toContain("    … 180 runs at 18 more places");
  expect(lines.length).toBeLessThan(20);
});
