/** What PostgreSQL says of two transactions that waited for each other, or could not both go first. */
const CONFLICTS: readonly unknown[] = ["40P01", "40001"];

/** Thrown inside a transaction that met another one: it is rolled back and done again from the start. */
export class Again extends Error {}

function isConflict(error: unknown): boolean {
  let at = error;
  while (at instanceof Error) {
    if (at instanceof Again || CONFLICTS.includes((at as Error & { code?: unknown }).code)) return true;
    at = at.cause;
  }
  return false;
}

/** Tries of work that meets other work. */
const TRIES = 5;

/**
 * Does a transaction of one's own again that failed only because of another one: PostgreSQL ended it because the two
 * waited for each other, or it threw `Again`.
 */
export async function untilAlone<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || tries === TRIES) throw error;
    }
  }
}
