/** Header names of the wire, spelled as they travel: NATS keeps their case (ADR-4). */
export const headerNames = {
  serviceError: "Nats-Service-Error",
  serviceErrorCode: "Nats-Service-Error-Code",
  error: "Mb-Error",
  timeout: "Mb-Timeout",
  requestId: "Mb-Request-Id",
  contract: "Mb-Contract",
  encryption: "Mb-Encryption",
  signature: "Mb-Signature",
  authorization: "Authorization",
  contentType: "Content-Type",
  traceparent: "traceparent",
  tracestate: "tracestate",
} as const;

/** Names that only the library writes; a user's headers may not start with them, in any case. */
const reservedName = /^(?:nats-|mb-)/i;

const libraryName = /^(?:nats-|mb-|authorization$)/i;

/** Tells whether a header is written by the library alone, who asks among them; what is left is a user's. */
export function isLibraryHeader(name: string): boolean {
  return libraryName.test(name);
}

/** Tells whether a header name belongs to NATS or to this library. */
export function isReservedHeader(name: string): boolean {
  return reservedName.test(name);
}
