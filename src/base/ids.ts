import { hash, randomBytes } from "node:crypto";

function format(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function stamp(bytes: Uint8Array, version: 0x70 | 0x80): string {
  bytes[6] = (bytes[6]! & 0x0f) | version;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return format(bytes);
}

/** A UUIDv7 for the given instant: ids sort by time of creation, so index pages fill in order. */
export function newId(now: Date): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  return stamp(bytes, 0x70);
}

/**
 * The id of something that exists once per (parent, name), such as a run per (notification, recipient).
 * It is a function of both, so doing the same work twice meets the same row; it begins with the
 * parent's time, so it sorts beside it.
 */
export function derivedId(parent: string, name: string): string {
  const bytes = hash("sha256", `${parent}\0${name}`, "buffer").subarray(0, 16);
  Buffer.from(parent.slice(0, 8) + parent.slice(9, 13), "hex").copy(bytes, 0);
  return stamp(bytes, 0x80);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text has the form of an id, so that a malformed one never reaches SQL. */
export const isId = (text: string): boolean => UUID.test(text);
