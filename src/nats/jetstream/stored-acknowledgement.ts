import { MessagingError } from "../../errors/messaging-error.ts";
import type { StoredAcknowledgement } from "../../transport/event-store.ts";
import { fromStreamApiError, type StreamApiError, streamErrorCode, streamErrorCodes } from "./stream-api-error.ts";

const decoder = new TextDecoder();

/**
 * Reads what came as the answer to a message for a stream. Anybody who listens to the subject can answer, and faster than
 * the stream.
 *
 * @throws {MessagingError} what the stream's own error means; `INTERNAL` where it is another's answer
 */
export function readStoredAcknowledgement(body: Uint8Array, stream: string, operation: string): StoredAcknowledgement {
  const answer = parse(body);
  const what = `Cannot store "${operation}"`;
  if (typeof answer?.error === "object" && answer.error !== null) {
    const error = fromStreamApiError(answer.error, what, operation);
    if (streamErrorCode(error) !== streamErrorCodes.otherStream) throw error;
    throw new MessagingError("INTERNAL", `${what}: another stream than "${stream}" stores its subject`, { operation });
  }
  if (answer?.stream !== stream || !isSequence(answer.seq)) {
    const who = typeof answer?.stream === "string" ? `stream "${answer.stream.slice(0, 64)}"` : "somebody";
    // The stream may have it all the same, but has not said so.
    throw new MessagingError("INTERNAL", `${what}: ${who} acknowledged it in the place of stream "${stream}"`, {
      operation,
      execution: "unknown",
    });
  }
  return { stream, sequence: answer.seq, duplicate: answer.duplicate === true };
}

interface Answer {
  readonly stream?: unknown;
  readonly seq?: unknown;
  readonly duplicate?: unknown;
  readonly error?: StreamApiError | null;
}

function parse(body: Uint8Array): Answer | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(body));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number > 0;
}
