import type { EventOperation } from "../contract/contract.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import type { StartPosition } from "../transport/event-store.ts";
import { EdgeRefusal } from "./edge-refusal.ts";

/** Where a stream begins: with what comes, or, for events that are stored, somewhere before. */
export interface StreamStart {
  /** Where it begins. */
  readonly position: StartPosition;
  /** Whether the reader was here before, and wants what it has missed. */
  readonly resumes: boolean;
}

/** An id that some gateway gave an event that is not stored. */
const liveEventId = /^[A-Za-z0-9_-]{1,64}-\d{1,16}$/;
/** A stored event's id is its sequence; 0 stands before the first one. */
const storedEventId = /^(?:0|[1-9]\d{0,15})$/;
/** A sequence, from 1. */
const sequencePattern = /^[1-9]\d{0,15}$/;

/**
 * Reads where a stream shall begin: behind `Last-Event-ID` where it is given, otherwise at `from`: `new`, `all`, a
 * sequence, or a time as ISO 8601 has it.
 *
 * @throws {EdgeRefusal} for an id that no gateway gives
 * @throws {MessagingError} `INVALID_EVENT` for a `from` that is none, or an event that is not stored
 */
export function streamStart(operation: EventOperation, lastEventId: string | undefined, from?: string): StreamStart {
  const isStored = operation.durable !== undefined;
  if (from !== undefined && !isStored) {
    throw invalid(operation, `Event "${operation.name}" is not stored: there is no earlier one to begin \`from\``);
  }
  if (lastEventId === undefined) return { position: readPosition(operation, from ?? "new"), resumes: false };
  if (!(isStored ? storedEventId : liveEventId).test(lastEventId)) {
    throw new EdgeRefusal("INVALID_REQUEST", "Last-Event-ID is none that this gateway gives", { reason: "invalid" });
  }
  return { position: isStored ? { sequence: Number(lastEventId) + 1 } : "new", resumes: true };
}

function readPosition(operation: EventOperation, from: string): StartPosition {
  if (from === "new" || from === "all") return from;
  if (sequencePattern.test(from)) return { sequence: Number(from) };
  const time = /^\d{4}-/.test(from) ? new Date(from) : undefined;
  if (time !== undefined && !Number.isNaN(time.getTime())) return { time };
  throw invalid(operation, "`from` is none of new, all, a sequence, and a time in ISO 8601");
}

function invalid({ name }: EventOperation, text: string): MessagingError {
  return new MessagingError("INVALID_EVENT", text, { operation: name });
}
