// What this deployment runs. Secrets are named here and read from the environment at start.
import { defineConfig, env, inApp } from "knock";
import { smtp } from "knock/providers/smtp";
import * as workflows from "./workflows/index.ts";
import { users } from "./workflows/people.ts";

export default defineConfig({
  workflows,
  users,
  channels: {
    feed: inApp(),
    mail: smtp({ url: env("SMTP_URL"), from: env("MAIL_FROM", "Knock <hello@example.com>") }),
  },
});
