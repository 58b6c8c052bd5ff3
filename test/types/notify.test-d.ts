// What a call of the library and of the test harness must bring; checked by the compiler.
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { Knock } from "../../src/knock.ts";
import type { TestKnock } from "../../src/testing/index.ts";

declare const knock: Knock;
declare const harness: TestKnock;

const data = z.object({ title: z.string(), size: z.enum(["s", "m"]).default("s"), note: z.string().optional() });
const w = workflow("w", { data }).inApp("feed", { body: "b" });
const bare = workflow("bare", { data: z.object({}) }).inApp("feed", { body: "b" });
const to = { recipients: ["ada"] };

void knock.notify(w, { ...to, data: { title: "x" } });
void knock.notify(w, { ...to, data: { title: "x", size: "m", note: "y" }, actor: { id: "lin" }, tenant: "acme" });
void knock.notify(bare, { lists: ["all"], data: {} });
void knock.notify(w, { recipients: ["ada", { id: "bob", email: "bob@example.com" }], data: { title: "x" } });

// @ts-expect-error data is missing
void knock.notify(w, { ...to });
// @ts-expect-error a key of the data is missing
void knock.notify(w, { ...to, data: {} });
// @ts-expect-error a key of the data is misspelt
void knock.notify(w, { ...to, data: { titel: "x" } });
// @ts-expect-error a key too many
void knock.notify(w, { ...to, data: { title: "x", more: 1 } });
// @ts-expect-error a value of another type
void knock.notify(w, { ...to, data: { title: 1 } });
// @ts-expect-error a literal that the enum does not have
void knock.notify(w, { ...to, data: { title: "x", size: "l" } });
// @ts-expect-error an option that does not exist
void knock.notify(w, { ...to, data: { title: "x" }, idempotenceKey: "k" });
// @ts-expect-error the workflow is given as a value, not as its key
void knock.notify("w", { ...to, data: { title: "x" } });
// @ts-expect-error recipients are a list
void knock.notify(w, { recipients: "ada", data: { title: "x" } });
// @ts-expect-error an inline user has an id
void knock.notify(w, { recipients: [{ email: "bob@example.com" }], data: { title: "x" } });
// @ts-expect-error an inline user's own properties belong into properties
void knock.notify(w, { recipients: [{ id: "bob", plan: "pro" }], data: { title: "x" } });
// @ts-expect-error something that is no transaction
void knock.notify(w, { ...to, data: { title: "x" }, tx: { run() {} } });

void harness.notify(w, { ...to, data: { title: "x" } }).then(({ id }) => id.length);
// @ts-expect-error the harness asks for the same data
void harness.notify(w, { ...to, data: {} });
// @ts-expect-error a duration has a unit
void harness.advance("10");
// @ts-expect-error a type of channel that does not exist
harness.sent("mail");
// @ts-expect-error members are ids
void harness.list("all", [{ id: "ada" }]);

const outcome = await knock.notify(bare, { ...to, data: {} });
if (outcome.ok) void outcome.notification.id;
// @ts-expect-error a refused call has no notification
else void outcome.notification;
// @ts-expect-error an accepted call has no error before it is asked
void outcome.error;
