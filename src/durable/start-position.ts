import type { StartPosition } from "../transport/event-store.ts";
import type { EventPosition } from "./durable-options.ts";

/** What a program calls a position, as a store reads it. @throws {TypeError} for what is none */
export function startPosition(from: EventPosition): StartPosition {
  if (from === "new" || from === "all") return from;
  if (typeof from === "number" && Number.isSafeInteger(from) && from > 0) return { sequence: from };
  if (from instanceof Date && Number.isFinite(from.getTime())) return { time: from };
  throw new TypeError('Cannot use `from`: "new", "all", a Date or a sequence from 1 is wanted');
}
