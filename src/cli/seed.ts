// Three people who make a first run interesting: one says no, one lives elsewhere, one has no address.
import { changePreferenceSet } from "../store/preference-sets.ts";
import type { Database } from "../store/database.ts";
import { type UserInput, upsertUsers } from "../store/users.ts";

const people: readonly (UserInput & { about: string })[] = [
  {
    id: "ada",
    name: "Ada Park",
    email: "ada@example.com",
    locale: "en-GB",
    timezone: "Europe/London",
    about: "wants no e-mail",
  },
  {
    id: "kenji",
    name: "Kenji Sato",
    email: "kenji@example.com",
    locale: "ja-JP",
    timezone: "Asia/Tokyo",
    about: "in Tokyo, Japanese",
  },
  { id: "sam", name: "Sam Okoro", locale: "en-US", timezone: "America/New_York", about: "has no e-mail address" },
];

/** Creates or renews the three people; answers who they are, in words. */
export async function seedPeople(database: Database, now: Date): Promise<string> {
  await database.transaction(async (tx) => {
    await upsertUsers(
      tx,
      people.map(({ about: _about, ...user }) => user),
      now,
    );
    await changePreferenceSet(
      tx,
      { userId: "ada" },
      (stored) => ({ ...stored, channelTypes: { ...stored?.channelTypes, email: false } }),
      now,
    );
  });
  return people.map(({ id, about }) => `${id} (${about})`).join(", ");
}
