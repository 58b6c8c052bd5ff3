import type { Registry } from "../registry/registry.ts";

const MOST_NAMES = 3;

const names = (keys: string[]): string =>
  keys.length > MOST_NAMES
    ? `${keys.slice(0, MOST_NAMES).join(", ")} and ${keys.length - MOST_NAMES} more`
    : keys.join(", ");

/** What a reload changed, in words: `new: welcome, steps changed: new-comment`. Texts are compared by what the examples render. */
export function describeReload(before: Registry, after: Registry): string {
  const added = [...after.keys()].filter((key) => !before.has(key));
  const removed = [...before.keys()].filter((key) => !after.has(key));
  const changed = [...after.values()].filter(({ key, hash }) => before.has(key) && before.get(key)!.hash !== hash);
  const schemas = changed.filter(
    ({ key, structure }) => JSON.stringify(structure.data) !== JSON.stringify(before.get(key)!.structure.data),
  );
  const steps = changed.filter((workflow) => !schemas.includes(workflow));
  const texts = [...after.values()].filter(
    ({ key, hash, fingerprint }) => before.get(key)?.hash === hash && before.get(key)!.fingerprint !== fingerprint,
  );
  const parts = [
    added.length > 0 && `new: ${names(added)}`,
    removed.length > 0 && `gone: ${names(removed)}`,
    schemas.length > 0 && `data schema changed: ${names(schemas.map(({ key }) => key))}`,
    steps.length > 0 && `steps changed: ${names(steps.map(({ key }) => key))}`,
    texts.length > 0 && `new texts: ${names(texts.map(({ key }) => key))}`,
  ].filter((part) => part !== false);
  return parts.join(", ") || "taken over, same structure";
}
