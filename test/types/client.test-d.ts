// What the client infers from the types of a project's workflows, and what it refuses; checked by the compiler.
import type * as workflows from "../../workflows/index.ts";
import { createClient } from "../../src/client/index.ts";

const knock = createClient<typeof workflows>({ url: "http://localhost:3000" });
const data = { comment_id: "c", project_id: "p", comment_text: "t", project_name: "n" };
const { project_name: _name, ...unnamed } = data;
const invited = { invitee_name: "Grace", invitee_email: "grace@example.com", invitee_role: "member" as const };

export async function accepted(): Promise<string> {
  const result = await knock.notify("new-comment", {
    recipients: ["ada"],
    lists: ["team"],
    actor: "lin",
    data,
    idempotencyKey: "k",
  });
  if (result.ok) return result.notification.id;
  switch (result.error.code) {
    case "INVALID_DATA":
      return result.error.issues[0]!.path;
    case "DUPLICATE_NOTIFICATION":
      return result.error.notificationId;
    case "UNKNOWN_WORKFLOW":
      return result.error.nearest ?? result.error.hint;
    default:
      return result.error.message;
  }
}

// Data that may be empty may be left out.
void knock.notify("welcome-to-knock", { recipients: ["ada"] });
void knock.notify("new-user-invited", { recipients: ["ada"], data: invited });
void knock.notifyMany([
  { workflow: "new-user-invited", recipients: ["ada"], data: invited },
  { workflow: "welcome-to-knock", lists: ["team"] },
]);

// @ts-expect-error an unknown workflow
void knock.notify("new-coment", { recipients: ["ada"], data });
// @ts-expect-error no data
void knock.notify("new-comment", { recipients: ["ada"] });
// @ts-expect-error a missing field
void knock.notify("new-comment", { recipients: ["ada"], data: unnamed });
// @ts-expect-error an unknown field
void knock.notify("new-comment", { recipients: ["ada"], data: { ...data, colour: "red" } });
// @ts-expect-error a wrong type
void knock.notify("new-comment", { recipients: ["ada"], data: { ...data, comment_id: 5 } });
// @ts-expect-error a wrong value of an enum
void knock.notify("new-user-invited", { recipients: ["ada"], data: { ...invited, invitee_role: "owner" } });
// @ts-expect-error an unknown option
void knock.notify("new-comment", { recipient: "ada", data });
// @ts-expect-error the data of another workflow
void knock.notifyMany([{ workflow: "new-comment", recipients: ["ada"], data: invited }]);
// @ts-expect-error an unknown workflow
void knock.explainPreferences("ada", "new-coment");
// @ts-expect-error an unknown marking
void knock.markMessages(["m"], "STARRED");

export async function narrowed(): Promise<void> {
  const result = await knock.notify("new-comment", { recipients: ["ada"], data });
  // @ts-expect-error only a success has a notification
  void result.notification;
  // @ts-expect-error a failure of notify is never about a list
  if (!result.ok && result.error.code === "UNKNOWN_LIST") throw new Error("no");
}
