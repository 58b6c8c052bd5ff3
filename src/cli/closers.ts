/** What has to be closed again, in the order in which it was opened. */
export type Closers = (() => unknown)[];

/** Closes everything, the last opened first. One that fails keeps none of the others open; its error is thrown afterwards. */
export async function closeAll(closers: Closers): Promise<void> {
  const errors: unknown[] = [];
  for (const close of closers.splice(0).toReversed()) {
    try {
      await close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
