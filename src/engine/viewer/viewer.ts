/** The person on whose behalf a call is made: a public key with a valid user token. */
export interface Viewer {
  userId: string;
  /** Tenants whose messages and preferences the person may reach, beside those that belong to none; `null`: all. */
  tenants: readonly string[] | null;
  /** When the token ends, and with it everything that was opened with it. */
  expiresAt: Date;
}

/** Whether somebody may reach what belongs to a tenant; `null` is what belongs to none. */
export const reachesTenant = (viewer: Pick<Viewer, "tenants"> | null, tenantId: string | null): boolean =>
  viewer === null || viewer.tenants === null || tenantId === null || viewer.tenants.includes(tenantId);
