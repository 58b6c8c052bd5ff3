export { default as dailyDigest } from "./daily-digest.ts";
export { default as newComment } from "./new-comment.ts";
export { default as newUserInvited } from "./new-user-invited.ts";
export { default as welcomeToKnock } from "./welcome-to-knock.ts";
