import { z } from "zod";
import { preferenceSetShape } from "./preference-set.ts";
import { shape } from "./shape.ts";

const branding = z.record(z.string(), z.unknown());

/** A customer of the project's own product. Its own properties stand beside the product's. */
export const tenantShape = shape(
  "Tenant",
  z.looseObject({
    __typename: z.literal("Tenant"),
    id: z.string(),
    name: z.string().nullable(),
    settings: z.looseObject({
      branding: branding.nullable(),
      preference_set: preferenceSetShape.nullable(),
    }),
  }),
);

const tenantFields = {
  name: z.string().nullish(),
  settings: z
    .looseObject({
      branding: branding.nullish(),
      /** Merged into the present one unless it says `__persistence_strategy__: "replace"`; `null` removes it. */
      preference_set: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
  channel_data: z.record(z.string(), z.unknown()).nullish(),
  preferences: z.record(z.string(), z.unknown()).nullish(),
};

/** What is said of a tenant whose id is known. */
export const tenantSet = shape("TenantSetRequest", z.looseObject(tenantFields));

/** What is said of a tenant. */
export type TenantBody = z.output<typeof tenantSet>;

/** A tenant in a request: its id, or what is to be known of it. */
export const tenantRequest = shape(
  "TenantRequest",
  z.union([z.string(), z.looseObject({ id: z.string(), ...tenantFields })]),
);
