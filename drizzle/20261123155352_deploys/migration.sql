-- Workers: may keep running. Processes of the version before cannot be started any more.
CREATE TABLE "knock"."artifacts" (
	"hash" text PRIMARY KEY,
	"code" text NOT NULL,
	"source_map" text,
	"imports" text[] NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knock"."deploy_changes" (
	"deploy_id" uuid,
	"workflow" text,
	"change" text NOT NULL,
	"from_version_id" uuid,
	"to_version_id" uuid,
	CONSTRAINT "deploy_changes_pkey" PRIMARY KEY("deploy_id","workflow")
);
--> statement-breakpoint
CREATE TABLE "knock"."deploys" (
	"id" uuid PRIMARY KEY,
	"kind" text NOT NULL,
	"commit" text,
	"author" text,
	"created_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knock"."list_departures" (
	"list" text NOT NULL,
	"user_id" text NOT NULL,
	"joined_at" timestamp(3) with time zone NOT NULL,
	"left_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "knock"."workflow_versions" ADD COLUMN "artifact" text;--> statement-breakpoint
ALTER TABLE "knock"."workflow_versions" ADD COLUMN "signature" text;--> statement-breakpoint
ALTER TABLE "knock"."workflows" ADD COLUMN "version_id" uuid;--> statement-breakpoint
ALTER TABLE "knock"."workflow_versions" DROP CONSTRAINT "workflow_versions_hash";--> statement-breakpoint
ALTER TABLE "knock"."workflow_versions" ADD CONSTRAINT "workflow_versions_hash" UNIQUE NULLS NOT DISTINCT("workflow","hash","artifact");--> statement-breakpoint
CREATE INDEX "deploy_changes_workflow" ON "knock"."deploy_changes" ("workflow","deploy_id");--> statement-breakpoint
CREATE INDEX "list_departures_user" ON "knock"."list_departures" ("user_id","left_at");--> statement-breakpoint
CREATE INDEX "list_departures_age" ON "knock"."list_departures" ("left_at");--> statement-breakpoint
ALTER TABLE "knock"."deploy_changes" ADD CONSTRAINT "deploy_changes_deploy_id_deploys_id_fkey" FOREIGN KEY ("deploy_id") REFERENCES "knock"."deploys"("id");--> statement-breakpoint
ALTER TABLE "knock"."workflow_versions" ADD CONSTRAINT "workflow_versions_artifact_artifacts_hash_fkey" FOREIGN KEY ("artifact") REFERENCES "knock"."artifacts"("hash");--> statement-breakpoint
-- Written by hand: what is deployed is what has the highest number.
UPDATE "knock"."workflows" AS "workflow" SET "version_id" = (
	SELECT "id" FROM "knock"."workflow_versions" AS "version" WHERE "version"."workflow" = "workflow"."key" ORDER BY "number" DESC LIMIT 1
);
