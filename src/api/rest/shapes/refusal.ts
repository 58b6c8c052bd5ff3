import { z } from "zod";
import { shape } from "./shape.ts";

/** Every refusal. */
export const refusalShape = shape(
  "Refusal",
  z.strictObject({
    code: z.string(),
    message: z.string(),
    status: z.int(),
    type: z.enum(["invalid_request_error", "authentication_error", "authorization_error", "api_error"]),
    errors: z.array(z.strictObject({ field: z.string(), type: z.string(), message: z.string() })).optional(),
  }),
);
