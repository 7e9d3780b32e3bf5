import { unguessableLength } from "../transport/identifiers.ts";

const encoder = new TextEncoder();

/** Tells whether a caller's id for an event can travel in a header. */
export function isEventId(id: unknown): id is string {
  return typeof id === "string" && /^[\x21-\x7e]{1,128}$/.test(id);
}

/**
 * A caller's id for an event as its stream remembers it: bound to the whole subject, since a stream remembers ids of all
 * its subjects together, and one tenant's order 7 is not another's.
 */
export async function scopedMessageId(subject: string, id: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(subject)));
  const text = btoa(String.fromCharCode(...digest)).replaceAll("+", "-").replaceAll("/", "_");
  return `${text.slice(0, unguessableLength)}:${id}`;
}
