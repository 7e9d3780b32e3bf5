import { MessagingError } from "../errors/messaging-error.ts";
import type { ServerAddress } from "./server-address.ts";

/** The connection was closed from this side. */
export function closedError(operation?: string): MessagingError {
  return new MessagingError("DISCONNECTED", "The connection was closed", { operation, execution: "not-executed" });
}

/** The connection ended by itself. */
export function lostError(cause: Error | undefined): MessagingError {
  return new MessagingError("DISCONNECTED", `The connection was lost: ${reasonOf(cause)}`, { cause });
}

/** The connection ended by itself before it could be used. */
export function lostEarlyError(server: ServerAddress, cause: Error | undefined, encrypted: boolean): MessagingError {
  // A broker answers what else it refuses with -ERR. Its alert for a certificate can be lost: with TLS 1.3 the client may
  // send before its certificate is looked at, and a socket that is closed with bytes unread is reset.
  const hint = encrypted ? "; it may want a client certificate, or another one" : "";
  return cannotConnect(server, `${reasonOf(cause)}${hint}`, cause);
}

/** There is no connection now, or the broker does not answer over it. */
export function awayError(): MessagingError {
  return new MessagingError("DISCONNECTED", "The broker did not answer in time");
}

/** No request makes sense: no answer can come. */
export function deafError(): MessagingError {
  return new MessagingError(
    "FORBIDDEN",
    "The broker does not let this connection hear answers; give NatsTransport the inboxPrefix of its user",
  );
}

/** A request makes no sense, or what came of one is not known: its answer cannot come. */
export function noAnswersError(operation: string, sent = false): MessagingError {
  return new MessagingError(
    "FORBIDDEN",
    `Request "${operation}" ${
      sent ? "gets no answer" : "was not sent"
    }: the broker does not let this connection hear ` +
      "answers; give NatsTransport the inboxPrefix of its user",
    { operation, execution: sent ? "unknown" : "not-executed" },
  );
}

/** The broker does not keep up, and what it has not read would have to be kept here. */
export function unreadError(bytes: number, operation: string | undefined): MessagingError {
  return new MessagingError("BUSY", `Cannot send: the broker has not read ${bytes} bytes that were sent to it`, {
    operation,
    retryAfterMs: 100,
  });
}

/** A server could not be connected to. */
export function openingError(server: ServerAddress, error: unknown): MessagingError {
  if (error instanceof MessagingError) return error;
  return cannotConnect(server, error instanceof Error ? reasonOf(error) : String(error), error);
}

function cannotConnect(server: ServerAddress, reason: string, cause: unknown): MessagingError {
  return new MessagingError("DISCONNECTED", `Cannot connect to ${server.url}: ${reason}`, {
    execution: "not-executed",
    cause,
  });
}

function reasonOf(cause: Error | undefined): string {
  if (cause === undefined) return "the broker closed it";
  // OpenSSL's own words for an alert are a line of its log, with an address, a source file and a line break.
  const alert = /_ALERT_([A-Z_]+)$/.exec(String((cause as { code?: unknown }).code))?.[1];
  return alert === undefined
    ? cause.message
    : `the broker sent the TLS alert "${alert.toLowerCase().replaceAll("_", " ")}"`;
}
