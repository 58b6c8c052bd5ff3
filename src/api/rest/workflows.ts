import { z } from "zod";
import { KnockError } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import { callFields, callFrom, makeCall } from "./call.ts";
import { recipientIdOf, recipientRequest } from "./recipient-input.ts";
import { type RestContext, route } from "./route.ts";

const params = z.object({ key: z.string() });

/** Ends runs of a workflow. Refuses with 404 a workflow of which there is nothing. */
export async function cancelRuns(
  { engine }: RestContext,
  workflow: string,
  { key, recipients }: { key: string; recipients: string[] | undefined },
): Promise<void> {
  const { notifications } = await engine.cancel(key, recipients, workflow);
  const registry = engine.context.registry();
  if (registry.has(workflow) || notifications.length > 0) return;
  throw new KnockError("UNKNOWN_WORKFLOW", { workflow, nearest: nearest(workflow, registry.keys()) });
}

/** Notifying, and taking it back. */
export const workflowRoutes = [
  route({
    method: "POST",
    path: "/v1/workflows/:key/trigger",
    operation: "workflows.trigger",
    summary: "Notifies recipients. A key in the header `idempotency-key` makes a call that is sent twice happen once.",
    scope: "notify",
    params,
    body: z.object(callFields),
    example: {
      recipients: ["user_1", { id: "user_2", name: "Kenji", email: "kenji@example.com" }],
      actor: "user_3",
      tenant: "acme",
      data: { project_name: "Roadmap" },
      cancellation_key: "comment-42",
    },
    takesKey: true,
    responses: { 200: z.strictObject({ workflow_run_id: z.uuid() }) },
    async handle({ params: { key }, body, headers }, context) {
      const given = callFrom(context, key, body);
      const answer = await makeCall(context, given, { headers, asked: ["trigger", key, body] });
      return { status: 200, body: { workflow_run_id: answer.notificationId }, headers: answer.headers };
    },
  }),
  route({
    method: "POST",
    path: "/v1/workflows/:key/cancel",
    operation: "workflows.cancel",
    summary: "Ends the unfinished runs of a cancellation key, for all or some recipients.",
    scope: "notify",
    params,
    body: z.object({ cancellation_key: z.string().min(1), recipients: z.array(recipientRequest).nullish() }),
    responses: { 204: null },
    async handle({ params: { key }, body }, context) {
      await cancelRuns(context, key, { key: body.cancellation_key, recipients: body.recipients?.map(recipientIdOf) });
      return { status: 204 };
    },
  }),
];
