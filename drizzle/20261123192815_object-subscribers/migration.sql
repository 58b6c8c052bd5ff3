-- Workers: may keep running.
CREATE INDEX "list_members_objects" ON "knock"."list_members" ("list","user_id") WHERE "user_id" like '#%';--> statement-breakpoint
CREATE INDEX "lists_own" ON "knock"."lists" ("name") WHERE "name" not like '#%';