/** What the subject says that a delivery is acknowledged by. */
export interface DeliverySubject {
  /** How often it has been delivered, this time included. */
  readonly deliveries: number;
  /** Its number in the stream. */
  readonly sequence: number;
  /** Its number among the consumer's deliveries. */
  readonly consumerSequence: number;
  /** How many of the consumer's messages are behind it. */
  readonly pending: number;
  /** When the stream took it, in milliseconds since 1970. */
  readonly publishedAt: number;
}

/**
 * Reads `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<nanoseconds>.<pending>`, or the newer form
 * with the domain and a hash of the account in front of the stream (ADR-15); `undefined` where it is not such a subject of
 * this consumer: an acknowledgement is published there.
 */
export function readDeliverySubject(
  subject: string | undefined,
  stream: string,
  consumer: string,
): DeliverySubject | undefined {
  if (subject === undefined || !subject.startsWith("$JS.ACK.")) return undefined;
  const tokens = subject.split(".");
  const at = tokens.length === 9 ? 2 : 4;
  if (tokens.length < at + 7 || tokens[at] !== stream || tokens[at + 1] !== consumer) return undefined;
  const deliveries = Number(tokens[at + 2]);
  const sequence = Number(tokens[at + 3]);
  const consumerSequence = Number(tokens[at + 4]);
  // As a number of nanoseconds it would lose its last digits, which are not needed.
  const publishedAt = Number(tokens[at + 5]!.slice(0, -6));
  return isCount(deliveries) && isCount(sequence) && isCount(consumerSequence) && Number.isSafeInteger(publishedAt)
    ? { deliveries, sequence, consumerSequence, pending: Number(tokens[at + 6]), publishedAt }
    : undefined;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
