import type { EventPosition } from "../durable/durable-options.ts";
import { UsageError } from "./usage-error.ts";

/** Reads where a stream is to be read from: `all`, `new`, a sequence, or a time of ISO 8601. @throws {UsageError} */
export function readEventPosition(text: string): EventPosition {
  if (text === "all" || text === "new") return text;
  if (/^\d+$/.test(text)) {
    const sequence = Number(text);
    if (sequence > 0 && Number.isSafeInteger(sequence)) return sequence;
  } else if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const time = new Date(text);
    if (!Number.isNaN(time.getTime())) return time;
  }
  throw new UsageError(
    "Cannot use --from: all, new, a sequence from 1, or a time such as 2026-11-24T08:00:00Z is wanted",
  );
}
