// The calls of the founding document: one address for all workflows, lists beside recipients, and a key in the body whose
// later calls fail.
import { z } from "zod";
import { callFields, callFrom, makeCall } from "./call.ts";
import { invalidParam } from "./errors.ts";
import { recipientIdOf, recipientRequest } from "./recipient-input.ts";
import { route } from "./route.ts";
import { meaning } from "./shapes/shape.ts";
import { cancelRuns } from "./workflows.ts";

/** Notifying, and taking it back, in the oldest form. */
export const notifyRoutes = [
  route({
    method: "POST",
    path: "/v1/notify",
    operation: "notify",
    summary:
      "Notifies recipients and members of lists. A later call with the `idempotencyKey` of one that succeeded fails.",
    scope: "notify",
    body: z.object({
      ...callFields,
      name: meaning("Key of the workflow.", z.string()),
      lists: meaning("Names of lists, whose members are recipients as well.", z.array(z.string()).nullish()),
      idempotencyKey: meaning("Any later call with it fails. Stricter than the header.", z.string().nullish()),
    }),
    example: {
      name: "new-user-invited",
      recipients: ["user_1", "user_2"],
      actor: "user_3",
      data: { invitee_name: "Grace", invitee_email: "grace@example.com", invitee_role: "member" },
    },
    takesKey: true,
    responses: { 200: z.strictObject({ result_id: z.uuid(), workflow_run_id: z.uuid() }) },
    async handle({ body, headers }, context) {
      const { name, lists, idempotencyKey } = body;
      const given = callFrom(context, name, body);
      const call = { ...given.call, lists: lists ?? [], idempotencyKey: idempotencyKey ?? null };
      const answer = await makeCall(context, { ...given, call }, { headers, asked: ["notify", body] });
      const { notificationId: id } = answer;
      return { status: 200, body: { result_id: id, workflow_run_id: id }, headers: answer.headers };
    },
  }),
  route({
    method: "POST",
    path: "/v1/notify/cancel",
    operation: "notify.cancel",
    summary: "Ends the unfinished runs of a cancellation key, which may be spelt with one l.",
    scope: "notify",
    body: z.object({
      name: z.string(),
      cancellation_key: z.string().min(1).nullish(),
      cancelation_key: z.string().min(1).nullish(),
      recipients: z.array(recipientRequest).nullish(),
    }),
    responses: { 204: null },
    async handle({ body }, context) {
      const key = body.cancellation_key ?? body.cancelation_key;
      if (key == null) throw invalidParam(["cancellation_key"], "can't be blank", "required");
      await cancelRuns(context, body.name, { key, recipients: body.recipients?.map(recipientIdOf) });
      return { status: 204 };
    },
  }),
];
