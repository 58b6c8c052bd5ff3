-- Workers: stop them first. What is in feeds already is entered with this migration.
CREATE TABLE "knock"."bulk_operations" (
	"id" uuid PRIMARY KEY,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"total" integer NOT NULL,
	"succeeded" integer NOT NULL,
	"failed" integer NOT NULL,
	"errors" jsonb NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"finished_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knock"."feed_changes" (
	"id" uuid PRIMARY KEY,
	"xid" xid8 NOT NULL,
	"recipient_id" text NOT NULL,
	"message_ids" uuid[],
	"created_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knock"."feed_counts" (
	"recipient_id" text,
	"tenant_id" text,
	"snapshot" text NOT NULL,
	"total" integer NOT NULL,
	"unread" integer NOT NULL,
	"unseen" integer NOT NULL,
	"counted_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "feed_counts_pkey" PRIMARY KEY("recipient_id","tenant_id")
);
--> statement-breakpoint
ALTER TABLE "knock"."api_keys" ADD COLUMN "kind" text DEFAULT 'secret' NOT NULL;--> statement-breakpoint
ALTER TABLE "knock"."idempotency_keys" ADD COLUMN "request_id" text;--> statement-breakpoint
ALTER TABLE "knock"."messages" ADD COLUMN "arrived_xid" xid8;--> statement-breakpoint
ALTER TABLE "knock"."tenants" ADD COLUMN "settings" jsonb DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "knock"."users" ADD COLUMN "collection" text;--> statement-breakpoint
CREATE INDEX "feed_changes_xid" ON "knock"."feed_changes" ("xid");--> statement-breakpoint
CREATE INDEX "feed_changes_age" ON "knock"."feed_changes" ("created_at");--> statement-breakpoint
UPDATE "knock"."messages" SET "arrived_xid" = pg_current_xact_id() WHERE "channel_type" = 'inApp' AND "status" = 'delivered';--> statement-breakpoint
CREATE INDEX "messages_feed" ON "knock"."messages" ("recipient_id","delivered_at","id") WHERE "arrived_xid" is not null;--> statement-breakpoint
CREATE INDEX "messages_arrived" ON "knock"."messages" ("arrived_xid") WHERE "arrived_xid" is not null;--> statement-breakpoint
CREATE INDEX "users_collection" ON "knock"."users" ("collection","id") WHERE "collection" is not null;