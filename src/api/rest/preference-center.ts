import { z } from "zod";
import { linkVerbs } from "../../engine/links/verbs.ts";
import { owners } from "./owners.ts";
import { route, RestError } from "./route.ts";

const [people] = owners;

/** The page of preferences that needs no login. */
export const preferenceCenterRoutes = [
  route({
    method: "POST",
    path: "/v1/users/:user_id/preference_center/signed_url",
    operation: "users.preferenceCenter.generateSignedURL",
    summary: "The address of the user's page of preferences, which opens without a login for 90 days.",
    scope: "write",
    params: z.object({ user_id: z.string() }),
    responses: { 200: z.strictObject({ token: z.string(), url: z.url() }) },
    async handle({ params }, { engine }) {
      const url = linkVerbs(engine.context).preferences(people!.recipientIdOf(params));
      if (url !== null) return { status: 200, body: { token: url.slice(url.lastIndexOf("/") + 1), url } };
      const message = "The config names no `links`, so there are no pages. See docs/preferences-page.md.";
      throw new RestError(501, { code: "not_implemented", message });
    },
  }),
];
