// Schedules, events and failed runs from the command line: through the database itself, and through a server.
import { describe, expect, test } from "vitest";
import { knock, startTemporarily } from "./support/command.ts";
import { soundProject, temporary } from "./support/project.ts";

const waiting = `
import { workflow } from "knock";
import { z } from "zod";

export default workflow("waiting", { data: z.object({ order: z.string() }) })
  .waitFor("paid", { event: "order.paid", match: ({ data }) => ({ order: data.order }), timeout: "1d" })
  .inApp("feed", { body: "Paid" });
`;

const files = {
  ...soundProject,
  "workflows/waiting.ts": waiting,
  "workflows/index.ts": `${soundProject["workflows/index.ts"]}export { default as waiting } from "./waiting.ts";\n`,
};

const CREATE = ["schedules", "create", "greeting", "-r", "sam", "--data", '{"title":"hi"}'];
const UNKNOWN = "00000000-0000-7000-8000-000000000000";

describe.each(["the database", "a server"])("through %s", (way) => {
  test(
    "schedules are created, listed and deleted; events are signalled; runs are run again",
    { timeout: 180_000 },
    async () => {
      const { root: cwd } = temporary(files);
      if (way === "a server") {
        const server = startTemporarily(["dev", "--port", "0"], { cwd });
        await server.waitFor(/http:\/\/localhost:\d+/);
        await knock(["notify", "waiting", "-r", "sam", "--data", '{"order":"7"}'], { cwd });
        await server.waitFor(/waiting → sam\s+paid\s+waits/);
      } else await knock(["migrate"], { cwd });

      const created = await knock([...CREATE, "--recurrence", "0 9 * * MON", "--timezone", "UTC", "--json"], { cwd });
      const { schedules } = JSON.parse(created.stdout) as { schedules: { id: string; nextAt: string }[] };
      expect(schedules).toMatchObject([{ recipientId: "sam", nextAt: expect.stringMatching(/T09:00:00.000Z$/) }]);
      const { id } = schedules[0]!;
      const once = await knock([...CREATE, "--at", "2050-01-01T10:00:00Z", "--on-missed", "skip"], { cwd });
      expect(once.stdout).toMatch(/✓ schedule \S+ for sam first at 2050-01-01T10:00:00.000Z/);

      const listed = await knock(["schedules", "list", "--recipient", "sam", "--status", "active"], { cwd });
      expect(listed.stdout).toMatch(/greeting → sam {2}once {2}next at 2050/);
      expect(listed.stdout).toContain(`${id}  greeting → sam  0 9 * * MON  next at `);
      const json = await knock(["schedules", "list", "--workflow", "greeting", "--json"], { cwd });
      expect(JSON.parse(json.stdout)).toMatchObject({ schedules: [{ status: "active" }, { id }], next: null });
      expect((await knock(["schedules", "list", "-r", "nobody"], { cwd })).stdout).toContain("no schedules");

      const refused = await knock([...CREATE, "--recurrence", "every day"], { cwd });
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain("recurrence");
      const vague = await knock([...CREATE, "--at", "tomorrow"], { cwd });
      expect(vague.stderr).toMatch(/ISO 8601 timestamp[^]*→ Correct /);
      const deleted = await knock(["schedules", "delete", id, UNKNOWN], { cwd });
      expect(deleted.stdout).toBe(`✓ 1 schedule deleted\n– there is no schedule ${UNKNOWN}\n`);

      const signalled = await knock(["signal", "order.paid", "--match", 'order="7"'], { cwd });
      expect(signalled.stdout).toContain(
        way === "a server" ? "✓ 1 run goes on" : "– no run waits for order.paid with this match",
      );
      const none = await knock(["signal", "order.paid", "--match", "order=8", "--data", "{}", "--json"], { cwd });
      expect(JSON.parse(none.stdout)).toEqual({ runs: 0 });
      const malformed = await knock(["signal", "order.paid", "--match", "order"], { cwd });
      expect(malformed.stderr).toContain('"order" is not of the form key=value');

      const rerun = await knock(["rerun", UNKNOWN], { cwd });
      expect(rerun).toMatchObject({ code: 1, stdout: expect.stringContaining(`✗ There is no run "${UNKNOWN}".`) });
      const asJson = await knock(["rerun", UNKNOWN, "--json"], { cwd });
      expect(JSON.parse(asJson.stdout)).toMatchObject([{ id: UNKNOWN, ok: false, error: { code: "NOT_FOUND" } }]);
    },
  );
});
