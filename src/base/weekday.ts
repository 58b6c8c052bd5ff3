// Days of the week, Monday first, as everywhere in ISO 8601.

/** The days by name. */
export const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** A day of the week. */
export type Weekday = (typeof weekdays)[number];
