// All routes of the REST surface.
import { audienceRoutes } from "./audiences.ts";
import { bulkOperationRoutes } from "./bulk-operations.ts";
import { channelRoutes } from "./channels.ts";
import { feedRoutes } from "./feeds.ts";
import { messageStatusRoutes } from "./message-status.ts";
import { messageRoutes } from "./messages.ts";
import { objectRoutes } from "./objects.ts";
import { runRoutes } from "./runs.ts";
import { channelDataRoutes } from "./channel-data.ts";
import { notifyRoutes } from "./notify.ts";
import { preferenceCenterRoutes } from "./preference-center.ts";
import { preferenceRoutes } from "./preferences.ts";
import { userBulkRoutes } from "./users-bulk.ts";
import { userRoutes } from "./users.ts";
import { workflowRoutes } from "./workflows.ts";
import type { Route } from "./route.ts";
import { scheduleRoutes } from "./schedules.ts";
import { subscriptionRoutes } from "./subscriptions.ts";
import { tenantRoutes } from "./tenants.ts";

/** One group per file, in the order of the document. */
export const routes: readonly Route[] = [
  ...notifyRoutes,
  ...workflowRoutes,
  ...userRoutes,
  ...userBulkRoutes,
  ...channelDataRoutes,
  ...preferenceRoutes,
  ...preferenceCenterRoutes,
  ...bulkOperationRoutes,
  ...feedRoutes,
  ...messageRoutes,
  ...messageStatusRoutes,
  ...channelRoutes,
  ...runRoutes,
  ...objectRoutes,
  ...subscriptionRoutes,
  ...tenantRoutes,
  ...audienceRoutes,
  ...scheduleRoutes,
];
