// Recipients that a request brings along are stored before anything is done with them.
import type { InTransaction } from "../../engine/directory/directory.ts";
import { setManyPreferences } from "../../engine/directory/many-preferences.ts";
import { upsertRecipients } from "../../engine/directory/objects.ts";
import { succeeded } from "./errors.ts";
import type { GivenPreferences, GivenRecipient } from "./recipient-input.ts";
import type { RestContext } from "./route.ts";

/** Stores preference sets that came with recipients, tenants or users. Refuses with 422. */
export async function storePreferences(
  { engine }: Pick<RestContext, "engine">,
  given: readonly GivenPreferences[],
  options: InTransaction = {},
): Promise<void> {
  if (given.length > 0) succeeded(await setManyPreferences(engine.context, given, options));
}

/** Stores what is said of recipients, with their preferences; those who are only named stay as they are. */
export async function identify(
  context: Pick<RestContext, "engine">,
  given: readonly GivenRecipient[],
  options: InTransaction = {},
): Promise<void> {
  const inline = given.flatMap(({ recipient }) => (typeof recipient === "string" ? [] : recipient));
  if (inline.length > 0) succeeded(await upsertRecipients(context.engine.context, inline, options));
  await storePreferences(
    context,
    given.flatMap(({ preferences }) => preferences),
    options,
  );
}
