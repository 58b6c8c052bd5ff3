// People as a simulation knows them: read once, and changed in memory alone.
import { loadTenants, type TenantRow } from "../../store/recipients.ts";
import type { Executor } from "../../store/executor.ts";
import { storedForm } from "../../base/stored-json.ts";
import { deepMerge } from "../../store/deep-merge.ts";
import { mergedUsers } from "../../store/users.ts";
import type { UserInput } from "../notify-call.ts";
import type { PersonSnapshot } from "../run.ts";
import { recipientSnapshots, type RecipientSnapshot } from "../snapshots.ts";

/** A recipient within a tenant. */
export interface Wanted {
  recipientId: string;
  tenantId: string | null;
}

/** The people of a simulation. What is asked for must have been loaded. */
export interface People {
  load(wanted: readonly Wanted[]): Promise<void>;
  loadTenants(ids: readonly string[]): Promise<void>;
  recipient(id: string, tenantId: string | null): RecipientSnapshot;
  person(id: string): PersonSnapshot;
  tenant(id: string): TenantRow | undefined;
  /** Creates or merges users, as one call of the store does. */
  change(users: readonly UserInput[]): void;
  /** Whether the simulation has created or changed this user. */
  hasChanged(id: string): boolean;
}

const isPresent = ([, value]: [string, unknown]) => value !== undefined;

/** A person after a change: the same merge as the store's. */
function changed(person: PersonSnapshot, { properties, channelData, ...members }: UserInput): PersonSnapshot {
  return {
    ...person,
    ...Object.fromEntries(Object.entries(members).filter(isPresent)),
    properties: storedForm(deepMerge(person.properties, properties ?? {})),
    channelData: storedForm(deepMerge(person.channelData, channelData ?? {}) as PersonSnapshot["channelData"]),
  };
}

/** Nobody is known at first. */
export function createPeople(tx: Executor): People {
  const found = new Map<string, RecipientSnapshot>();
  const tenants = new Map<string, TenantRow>();
  const changes = new Map<string, UserInput[]>();
  const keyOf = ({ recipientId, tenantId }: Wanted) => JSON.stringify([tenantId, recipientId]);

  function recipient(id: string, tenantId: string | null): RecipientSnapshot {
    const base = found.get(keyOf({ recipientId: id, tenantId }));
    if (!base) throw new Error(`the recipient ${id} was not loaded`);
    const own = changes.get(id);
    return own ? { ...base, known: true, recipient: own.reduce(changed, base.recipient) } : base;
  }

  return {
    async load(wanted) {
      const missing = wanted.filter((one) => !found.has(keyOf(one)));
      if (missing.length === 0) return;
      const read = await recipientSnapshots(tx, missing);
      for (const one of missing) found.set(keyOf(one), read(one.recipientId, one.tenantId));
    },
    async loadTenants(ids) {
      const missing = [...new Set(ids)].filter((id) => !tenants.has(id));
      if (missing.length === 0) return;
      for (const tenant of await loadTenants(tx, missing)) tenants.set(tenant.id, tenant);
    },
    recipient,
    person: (id) => recipient(id, null).recipient,
    tenant: (id) => tenants.get(id),
    change(users) {
      for (const user of mergedUsers(users)) changes.set(user.id, [...(changes.get(user.id) ?? []), user]);
    },
    hasChanged: (id) => changes.has(id),
  };
}
