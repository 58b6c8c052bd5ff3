export { knock } from "./schema.ts";
export { apiKeys } from "./api-keys.ts";
export { deliveryAttempts, messages } from "./messages.ts";
export { fanOutChunks, idempotencyKeys, notifications } from "./notifications.ts";
export { preferenceSets } from "./preference-sets.ts";
export { runs } from "./runs.ts";
export { lists, listMembers, tenants, users } from "./users.ts";
export { workflows, workflowVersions } from "./workflows.ts";
