// What people and objects have alike, as both are recipients.
import type { Kit } from "./kit.ts";

/** The fields of a recipient beside its id, name and times. */
export function addRecipientFields({ builder }: Kit, type: "User" | "ObjectRecipient"): void {
  builder.objectFields(type, (t) => ({
    email: t.exposeString("email", { nullable: true, description: "E-mail address." }),
    phoneNumber: t.exposeString("phoneNumber", { nullable: true, description: "Phone number, for text messages." }),
    locale: t.exposeString("locale", { nullable: true, description: "BCP 47, such as `de-CH`." }),
    timezone: t.exposeString("timezone", { nullable: true, description: "IANA time zone, such as `Europe/Zurich`." }),
    properties: t.expose("properties", { type: "JSON", description: "The project's own properties." }),
    channelData: t.expose("channelData", {
      type: "JSON",
      description: "Addresses on further channels, by channel key.",
    }),
  }));
}
