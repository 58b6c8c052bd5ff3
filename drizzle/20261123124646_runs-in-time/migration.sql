-- Workers: may keep running. New tables, and columns that may be null.
CREATE TABLE "knock"."batch_activities" (
	"batch_id" uuid,
	"notification_id" uuid,
	"run_id" uuid NOT NULL,
	CONSTRAINT "batch_activities_pkey" PRIMARY KEY("batch_id","notification_id")
);
--> statement-breakpoint
CREATE TABLE "knock"."batches" (
	"id" uuid PRIMARY KEY,
	"workflow" text NOT NULL,
	"step" text NOT NULL,
	"recipient_id" text NOT NULL,
	"key" text NOT NULL,
	"run_id" uuid,
	"opened_at" timestamp(3) with time zone NOT NULL,
	"closes_at" timestamp(3) with time zone NOT NULL,
	"limit_at" timestamp(3) with time zone,
	"count" integer NOT NULL,
	"closed_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "knock"."schedules" (
	"id" uuid PRIMARY KEY,
	"workflow" text NOT NULL,
	"status" text NOT NULL,
	"recipient_id" text,
	"lists" text[] NOT NULL,
	"actor_id" text,
	"tenant_id" text,
	"data" jsonb NOT NULL,
	"recurrence" text,
	"timezone" text,
	"starts_at" timestamp(3) with time zone NOT NULL,
	"ends_at" timestamp(3) with time zone,
	"on_missed" text NOT NULL,
	"next_at" timestamp(3) with time zone,
	"last_at" timestamp(3) with time zone,
	"count" integer NOT NULL,
	"problem" text,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knock"."throttles" (
	"workflow" text,
	"step" text,
	"recipient_id" text,
	"key" text,
	"count" integer NOT NULL,
	"ends_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "throttles_pkey" PRIMARY KEY("recipient_id","workflow","step","key")
);
--> statement-breakpoint
CREATE TABLE "knock"."waits" (
	"run_id" uuid PRIMARY KEY,
	"step" text NOT NULL,
	"event" text NOT NULL,
	"match" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "knock"."messages" ADD COLUMN "scheduled_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "knock"."notifications" ADD COLUMN "source" jsonb;--> statement-breakpoint
ALTER TABLE "knock"."notifications" ADD COLUMN "trace_parent" text;--> statement-breakpoint
CREATE UNIQUE INDEX "batches_open" ON "knock"."batches" ("recipient_id","workflow","step","key") WHERE "closed_at" is null;--> statement-breakpoint
CREATE INDEX "schedules_due" ON "knock"."schedules" ("next_at") WHERE "next_at" is not null and "status" = 'active';--> statement-breakpoint
CREATE INDEX "schedules_recipient" ON "knock"."schedules" ("recipient_id","id");--> statement-breakpoint
CREATE INDEX "schedules_workflow" ON "knock"."schedules" ("workflow","id");--> statement-breakpoint
CREATE INDEX "throttles_end" ON "knock"."throttles" ("ends_at");--> statement-breakpoint
CREATE INDEX "waits_match" ON "knock"."waits" ("match","event");--> statement-breakpoint
-- Written by hand from here on.
-- Updated in place, again and again: room on the page keeps the indexes out of it.
ALTER TABLE "knock"."batches" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "knock"."throttles" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "knock"."schedules" SET (fillfactor = 70);
