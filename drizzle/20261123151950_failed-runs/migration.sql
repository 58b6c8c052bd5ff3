-- Workers: may keep running. Building the index reads all runs once, and holds up their writing meanwhile.
CREATE INDEX "runs_failed" ON "knock"."runs" ("id") WHERE "status" = 'failed';