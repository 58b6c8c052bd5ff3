// What can happen in the demo.
import { workflow } from "knock";
import { z } from "zod";

export const commented = workflow("commented", {
  name: "Comments",
  description: "Somebody comments on something of yours.",
  category: "collaboration",
  data: z.object({ text: z.string(), page: z.string() }),
  examples: { one: { text: "Ship it?", page: "Roadmap" } },
})
  .inApp("feed", {
    title: ({ data, actor }) => `${actor?.name ?? "Someone"} commented on ${data.page}`,
    body: ({ data }) => data.text,
  })
  .email("mail", { subject: ({ data }) => `New comment on ${data.page}`, body: ({ data }) => data.text });

export const liked = workflow("liked", {
  name: "Likes",
  description: "Several likes within two seconds come as one.",
  category: "reactions",
  data: z.object({ page: z.string() }),
  examples: { one: { page: "Roadmap" } },
})
  .batch("likes", { key: ({ data }) => data.page, window: "2s" })
  .inApp("feed", {
    body: ({ data, steps, actor }) =>
      steps.likes.count === 1
        ? `${actor?.name ?? "Someone"} likes ${data.page}`
        : `${steps.likes.count} likes for ${data.page}`,
  });

export const signedIn = workflow("signed-in", {
  name: "Sign-ins",
  description: "Somebody signs in to your account on another machine.",
  category: "security",
  required: true,
  data: z.object({ place: z.string() }),
  examples: { one: { place: "Zurich" } },
})
  .inApp("feed", {
    title: "New sign-in",
    body: ({ data }) => `Your account was used from ${data.place}. Was that you?`,
  })
  .email("mail", { subject: "New sign-in", body: ({ data }) => `From ${data.place}.` });
