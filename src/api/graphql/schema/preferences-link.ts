import { linkVerbs } from "../../../engine/links/verbs.ts";
import type { Kit } from "./kit.ts";

/** Adds the link to a person's page of preferences. */
export function addPreferencesLink({ builder }: Kit): void {
  builder.queryField("preferencesLink", (t) =>
    t.string({
      nullable: true,
      description:
        "Address of a person's page of preferences, which opens without a login for 90 days: whoever has it can change what the person gets. Null where the config has no links.",
      authScopes: { write: true },
      args: {
        userId: t.arg.id({ required: true, description: "Whose page." }),
        tenant: t.arg.id({ description: "For messages that belong to this tenant." }),
      },
      resolve: (_root, { userId, tenant }, { engine }) => linkVerbs(engine.context).preferences(userId, { tenant }),
    }),
  );
}
