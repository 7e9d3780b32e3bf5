import { MessagingError } from "../../errors/messaging-error.ts";
import type { StoredAcknowledgement } from "../../transport/event-store.ts";

const decoder = new TextDecoder();

/** Reads a stream's answer. @throws {MessagingError} `INTERNAL` where it is not this stream's word that it has it */
export function readAcknowledgement(body: Uint8Array, stream: string, operation: string): StoredAcknowledgement {
  const { stream: by, seq, duplicate, error } = parse(body);
  if (error === undefined && by === stream && Number.isSafeInteger(seq) && (seq as number) > 0) {
    return { stream, sequence: seq as number, duplicate: duplicate === true };
  }
  throw new MessagingError("INTERNAL", `"${operation}" was not acknowledged by stream "${stream}"`, { operation });
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(decoder.decode(body));
    return typeof answer === "object" && answer !== null ? answer as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
