-- Workers: the first migration; none are running.
CREATE SCHEMA "knock";
--> statement-breakpoint
CREATE TABLE "knock"."api_keys" (
	"id" uuid PRIMARY KEY,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"hash" text NOT NULL CONSTRAINT "api_keys_hash" UNIQUE,
	"scopes" text[] NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"revoked_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "knock"."delivery_attempts" (
	"message_id" uuid,
	"number" integer,
	"provider" text NOT NULL,
	"outcome" text NOT NULL,
	"status_code" smallint,
	"reason" text,
	"started_at" timestamp(3) with time zone NOT NULL,
	"finished_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "delivery_attempts_pkey" PRIMARY KEY("message_id","number")
);
--> statement-breakpoint
CREATE TABLE "knock"."fan_out_chunks" (
	"notification_id" uuid,
	"number" integer,
	"list" text,
	"after" text,
	"up_to" text NOT NULL,
	"done_at" timestamp(3) with time zone,
	CONSTRAINT "fan_out_chunks_pkey" PRIMARY KEY("notification_id","number")
);
--> statement-breakpoint
CREATE TABLE "knock"."idempotency_keys" (
	"key" text PRIMARY KEY,
	"notification_id" uuid NOT NULL,
	"input_hash" text NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knock"."list_members" (
	"list" text,
	"user_id" text,
	"properties" jsonb DEFAULT '{}' NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "list_members_pkey" PRIMARY KEY("list","user_id")
);
--> statement-breakpoint
CREATE TABLE "knock"."lists" (
	"name" text PRIMARY KEY,
	"properties" jsonb DEFAULT '{}' NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knock"."messages" (
	"id" uuid PRIMARY KEY,
	"run_id" uuid NOT NULL,
	"notification_id" uuid NOT NULL,
	"workflow" text NOT NULL,
	"step" text NOT NULL,
	"recipient_id" text NOT NULL,
	"tenant_id" text,
	"channel" text NOT NULL,
	"channel_type" text NOT NULL,
	"content" jsonb NOT NULL,
	"address" jsonb,
	"status" text NOT NULL,
	"reason" text,
	"provider_message_id" text,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp(3) with time zone,
	"created_at" timestamp(3) with time zone NOT NULL,
	"sent_at" timestamp(3) with time zone,
	"delivered_at" timestamp(3) with time zone,
	"seen_at" timestamp(3) with time zone,
	"read_at" timestamp(3) with time zone,
	"interacted_at" timestamp(3) with time zone,
	"clicked_at" timestamp(3) with time zone,
	"archived_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "knock"."notifications" (
	"id" uuid PRIMARY KEY,
	"workflow" text NOT NULL,
	"version_id" uuid NOT NULL,
	"data" jsonb NOT NULL,
	"actor_id" text,
	"tenant_id" text,
	"recipients" text[] NOT NULL,
	"lists" text[] NOT NULL,
	"idempotency_key" text,
	"cancellation_key" text,
	"warnings" jsonb DEFAULT '[]' NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"planned_at" timestamp(3) with time zone,
	"cancelled_at" timestamp(3) with time zone,
	"cancelled_recipients" text[] DEFAULT '{}'::text[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knock"."preference_sets" (
	"owner" text,
	"owner_id" text,
	"set_id" text,
	"document" jsonb NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "preference_sets_pkey" PRIMARY KEY("owner","owner_id","set_id")
);
--> statement-breakpoint
CREATE TABLE "knock"."runs" (
	"id" uuid PRIMARY KEY,
	"notification_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"recipient_id" text NOT NULL,
	"status" text NOT NULL,
	"step" text,
	"state" jsonb NOT NULL,
	"trace" jsonb NOT NULL,
	"wake_at" timestamp(3) with time zone,
	"created_at" timestamp(3) with time zone NOT NULL,
	"finished_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "knock"."tenants" (
	"id" text PRIMARY KEY,
	"name" text,
	"properties" jsonb DEFAULT '{}' NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knock"."users" (
	"id" text PRIMARY KEY,
	"name" text,
	"email" text,
	"phone_number" text,
	"avatar" text,
	"locale" text,
	"timezone" text,
	"properties" jsonb DEFAULT '{}' NOT NULL,
	"channel_data" jsonb DEFAULT '{}' NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knock"."workflow_versions" (
	"id" uuid PRIMARY KEY,
	"workflow" text NOT NULL,
	"number" integer NOT NULL,
	"structure" jsonb NOT NULL,
	"hash" text NOT NULL,
	"fingerprint" text,
	"created_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "workflow_versions_number" UNIQUE("workflow","number"),
	CONSTRAINT "workflow_versions_hash" UNIQUE("workflow","hash")
);
--> statement-breakpoint
CREATE TABLE "knock"."workflows" (
	"key" text PRIMARY KEY,
	"status" text DEFAULT 'active' NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "knock"."idempotency_keys" ("created_at");--> statement-breakpoint
CREATE INDEX "list_members_user" ON "knock"."list_members" ("user_id");--> statement-breakpoint
CREATE INDEX "messages_recipient" ON "knock"."messages" ("recipient_id","id");--> statement-breakpoint
CREATE INDEX "messages_due" ON "knock"."messages" ("next_attempt_at") WHERE "next_attempt_at" is not null;--> statement-breakpoint
CREATE INDEX "notifications_cancellation" ON "knock"."notifications" ("cancellation_key") WHERE "cancellation_key" is not null;--> statement-breakpoint
CREATE INDEX "notifications_workflow" ON "knock"."notifications" ("workflow","id");--> statement-breakpoint
CREATE INDEX "runs_notification" ON "knock"."runs" ("notification_id","id");--> statement-breakpoint
CREATE INDEX "runs_due" ON "knock"."runs" ("wake_at") WHERE "wake_at" is not null;--> statement-breakpoint
ALTER TABLE "knock"."list_members" ADD CONSTRAINT "list_members_list_lists_name_fkey" FOREIGN KEY ("list") REFERENCES "knock"."lists"("name") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "knock"."workflow_versions" ADD CONSTRAINT "workflow_versions_workflow_workflows_key_fkey" FOREIGN KEY ("workflow") REFERENCES "knock"."workflows"("key");--> statement-breakpoint
-- Written by hand from here on; a regenerated first migration must keep it (see drizzle/README.md).
--
-- Runs and messages are updated in place soon after they are written (status, step, times). Room left on
-- each page keeps the new row version beside the old one, without a write to any index.
ALTER TABLE "knock"."runs" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "knock"."messages" SET (fillfactor = 70);--> statement-breakpoint
-- A fan-out to a million people makes millions of dead row versions. The default waits for a fifth of the
-- table, which on a big table is never; a fiftieth keeps each vacuum short.
ALTER TABLE "knock"."runs" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);--> statement-breakpoint
ALTER TABLE "knock"."messages" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);--> statement-breakpoint
-- Lays "given" over "stored": objects merge member by member to any depth, everything else replaces, null
-- included, and absent members stay. Inside the database, so that two writers at once both count.
-- The same rule as src/store/deep-merge.ts.
CREATE FUNCTION "knock"."deep_merge"(stored jsonb, given jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	IF jsonb_typeof(stored) IS DISTINCT FROM 'object' OR jsonb_typeof(given) IS DISTINCT FROM 'object' THEN
		RETURN given;
	END IF;
	IF stored = '{}' THEN
		RETURN given;
	END IF;
	RETURN stored || coalesce(
		(
			SELECT jsonb_object_agg(member.key, CASE
				WHEN jsonb_typeof(member.value) = 'object' AND jsonb_typeof(stored -> member.key) = 'object'
				THEN "knock"."deep_merge"(stored -> member.key, member.value)
				ELSE member.value
			END)
			FROM jsonb_each(given) AS member
		),
		'{}'
	);
END
$$;
