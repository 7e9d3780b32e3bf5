import { MessagingError } from "../errors/messaging-error.ts";

/** The error for a request that cannot be sent as it is. */
export function notSent(operation: string, reason: string): MessagingError {
  return new MessagingError("INVALID_REQUEST", `Request "${operation.slice(0, 128)}" was not sent: ${reason}`, {
    operation,
    execution: "not-executed",
  });
}
