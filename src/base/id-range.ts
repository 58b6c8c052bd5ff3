/** Before all ids that were made at or after an instant: the ids of a time are a range of the primary key. */
export function lowestId(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}
