/** Codes that no service answers with: the connection's own, or of a caller that gave up. */
export const connectionCodes: ReadonlySet<string> = new Set([
  "CANCELLED",
  "DISCONNECTED",
  "NO_RESPONDERS",
  "PAYLOAD_TOO_LARGE",
  "TIMEOUT",
]);
