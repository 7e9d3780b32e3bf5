/** Headers of dead letters and of events that are sent again, spelled as they travel. */
export const deadLetterHeaders = {
  /** A code. */
  reason: "Mb-Dead-Reason",
  /** A short text without anything of the event in it. */
  detail: "Mb-Dead-Detail",
  /** How often it was delivered. */
  attempts: "Mb-Dead-Attempts",
  /** Where it was published. */
  subject: "Mb-Dead-Subject",
  /** Its number in the contract's stream. */
  sequence: "Mb-Dead-Sequence",
  /** When the stream took it, ISO 8601. */
  publishedAt: "Mb-Dead-Published-At",
  /** When it became a dead letter, ISO 8601. */
  at: "Mb-Dead-At",
  /** The beginning of a header block that could not be read, base64. */
  headerBlock: "Mb-Dead-Header-Block",
  /** The event's own id. */
  eventId: "Mb-Event-Id",
} as const;

/** The header under which a stream remembers a message's id. */
export const messageIdHeader = "Nats-Msg-Id";

/** Tells a header that is a letter's or the broker's, not the event's own. */
export function isLetterHeader(name: string): boolean {
  return /^(?:nats-|mb-dead-|mb-event-id$)/i.test(name);
}
