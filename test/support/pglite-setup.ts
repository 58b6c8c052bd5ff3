import { preparedDirectory } from "../../src/store/prepared-directory.ts";

/** Builds the prepared data directory once, before the workers ask for it at the same time. */
export default async function setup(): Promise<void> {
  await preparedDirectory();
}
