import { expect, test } from "vitest";
import { workflow } from "knock";
import { createTestKnock } from "knock/testing";
import { z } from "zod";

const reminder = workflow("reminder", { data: z.object({}) })
  .inApp("now", { body: "Soon." })
  .delay("wait", "1h")
  .inApp("later", { body: "Now!" });

test("a run that wakes while its workflow is switched off ends, and says why", async () => {
  await using knock = await createTestKnock({ workflows: [reminder] });
  await knock.notify(reminder, { recipients: ["ada"], data: {} });
  await knock.knock.engine.setWorkflowStatus("reminder", "inactive");
  await knock.advance("2h");
  expect(knock.sent("inApp")).toMatchObject([{ body: "Soon." }]);
  expect(await knock.story()).toMatch(/halted \(WORKFLOW_INACTIVE: the workflow was switched off/);
});

test("a workflow that is switched on again before the run wakes goes on", async () => {
  await using knock = await createTestKnock({ workflows: [reminder] });
  await knock.notify(reminder, { recipients: ["ada"], data: {} });
  await knock.knock.engine.setWorkflowStatus("reminder", "inactive");
  await knock.knock.engine.setWorkflowStatus("reminder", "active");
  await knock.advance("2h");
  expect(knock.sent("inApp").map(({ body }) => body)).toEqual(["Soon.", "Now!"]);
});
