import { MessagingError } from "../errors/messaging-error.ts";

/** What nats-server takes unless it is told otherwise, in bytes. */
export const defaultMaxPayloadBytes = 1_048_576;

/** The error for a message over the limit of its connection, with both numbers. */
export function payloadTooLarge(
  bytes: number,
  maxBytes: number,
  operation?: string,
): MessagingError<"PAYLOAD_TOO_LARGE", { bytes: number; maxBytes: number }> {
  const what = operation === undefined ? "A message" : `"${operation}"`;
  return new MessagingError(
    "PAYLOAD_TOO_LARGE",
    `${what} has ${bytes} bytes: the connection takes at most ${maxBytes}`,
    {
      operation,
      data: { bytes, maxBytes },
    },
  );
}
