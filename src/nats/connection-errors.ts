import { MessagingError } from "../errors/messaging-error.ts";
import type { ServerAddress } from "./server-address.ts";

/** The connection was closed from this side. */
export function closedError(operation?: string): MessagingError {
  return new MessagingError("DISCONNECTED", "The connection was closed", { operation, execution: "not-executed" });
}

/** The connection ended by itself. */
export function lostError(cause: Error | undefined): MessagingError {
  const reason = cause?.message ?? "the broker closed it";
  return new MessagingError("DISCONNECTED", `The connection was lost: ${reason}`, { cause });
}

/** There is no connection now, or the broker does not answer over it. */
export function awayError(): MessagingError {
  return new MessagingError("DISCONNECTED", "The broker did not answer in time");
}

/** A server could not be connected to. */
export function openingError(server: ServerAddress, error: unknown): MessagingError {
  if (error instanceof MessagingError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new MessagingError("DISCONNECTED", `Cannot connect to ${server.url}: ${reason}`, {
    execution: "not-executed",
    cause: error,
  });
}
