import { z } from "zod";
import { workflow } from "./people.ts";

export default workflow("welcome-to-knock", {
  name: "Welcome to Knock",
  description: "Someone just signed up.",
  category: "account",
  data: z.object({}),
  examples: { "a new user": {} },
})
  .inApp("feed", {
    title: "Welcome!",
    body: ({ recipient }) =>
      `Good to have you${recipient.name ? `, ${recipient.name}` : ""}. Your notifications arrive here.`,
    actionUrl: "/start",
  })
  .email("mail", {
    subject: "Welcome to Knock",
    body: ({ recipient }) =>
      `Hello${recipient.name ? ` ${recipient.name}` : ""},\n\ngood to have you. Begin with the five-minute tour: https://example.com/start`,
  });
