import { z } from "zod";
import { shape, timestamp } from "./shape.ts";
import { userShape } from "./user.ts";

/** Somebody in an audience. */
export const audienceMemberShape = shape(
  "AudienceMember",
  z.strictObject({
    __typename: z.literal("AudienceMember"),
    added_at: timestamp,
    /** Of one who is not known there is the id. */
    user: z.union([userShape, z.strictObject({ __typename: z.literal("User"), id: z.string() })]),
    user_id: z.string(),
    tenant: z.string().nullable(),
  }),
);
