import { hash, randomUUID } from "node:crypto";

function format(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function stamp(bytes: Uint8Array, version: 0x70 | 0x80): string {
  bytes[6] = (bytes[6]! & 0x0f) | version;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return format(bytes);
}

/** Ids of one millisecond that are told apart by their number. */
const MOST = 0xfff;

let latest = { time: 0, count: 0 };

/**
 * A UUIDv7 for the given instant: ids sort by time of creation, so index pages fill in order. Of one
 * millisecond, those of this process sort in the order in which they were made, up to 4096.
 */
export function newId(now: Date): string {
  const time = now.getTime();
  latest = { time, count: latest.time === time ? Math.min(latest.count + 1, MOST) : 0 };
  const stamped = time.toString(16).padStart(12, "0");
  const count = latest.count.toString(16).padStart(3, "0");
  // Its end is random, and taken from a store of random bytes: asking for sixteen each time costs ten times as much.
  return `${stamped.slice(0, 8)}-${stamped.slice(8)}-7${count}-${randomUUID().slice(19)}`;
}

/**
 * The id of something that exists once per (parent, name), such as a run per (notification, recipient).
 * It is a function of both, so doing the same work twice meets the same row; it begins with the
 * parent's time, so it sorts beside it.
 */
export function derivedId(parent: string, name: string): string {
  // Cut out of the text of the hash: bytes in between would cost three times as much, and a fan-out makes millions.
  const hex = hash("sha256", `${parent}\0${name}`);
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${parent.slice(0, 13)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * The id of something that exists once per (instant, name), such as the notification of a schedule's moment. It begins
 * with that instant, so it sorts among the ids of its time.
 */
export function momentId(instant: Date, name: string): string {
  const bytes = hash("sha256", `${instant.getTime()}\0${name}`, "buffer").subarray(0, 16);
  bytes.writeUIntBE(instant.getTime(), 0, 6);
  return stamp(bytes, 0x80);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text has the form of an id, so that a malformed one never reaches SQL. */
export const isId = (text: string): boolean => UUID.test(text);
