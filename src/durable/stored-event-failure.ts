/** Which stored event could not be handled. */
export interface StoredEventFailure {
  /** The event's name in the contract. */
  readonly event: string;
  /** The name of the subscription; `undefined` in a replay. */
  readonly durable: string | undefined;
  /** The event's id, as its handler and its dead letter have it; `undefined` where its headers cannot be read. */
  readonly id: string | undefined;
  /** Its number in the stream. */
  readonly sequence: number;
  /** Which attempt failed, from 1. */
  readonly attempt: number;
  /** Whether that was its last: it becomes a dead letter and comes no more. Always `false` in a replay. */
  readonly deadLetter: boolean;
}
