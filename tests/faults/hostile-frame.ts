/** A message's bytes that somebody might send. */
export interface HostileFrame {
  /** What is wrong with it, for whoever reads a failure. */
  readonly name: string;
  /** The whole header block; absent where it has none. */
  readonly header?: Uint8Array;
  readonly body: Uint8Array;
}
