/** A message as it came, its subject not yet read. */
export interface IncomingMessage {
  /** The subscription it is for. */
  readonly subscriptionId: number;
  /** ASCII. */
  readonly subject: Uint8Array;
  /** ASCII. */
  readonly replySubject: Uint8Array | undefined;
  /** As it came. */
  readonly headerBlock: Uint8Array | undefined;
  /** As it came; a view of the socket's bytes. */
  readonly body: Uint8Array;
}
