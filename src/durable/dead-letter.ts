import type { Contract } from "../contract/contract.ts";
import type { DurableEventName, InferEvent } from "../contract/infer.ts";
import type { MessageHeaders } from "../message/message-headers.ts";

/** An event that a durable subscription could not handle. */
export interface DeadLetter<Data> {
  /** The event's data as it reads now; `undefined` where it cannot be read. */
  readonly event: Data | undefined;
  /** Its body as it was stored. */
  readonly body: Uint8Array;
  /** The event's own id. */
  readonly id: string;
  /** A code: of the error that its handler threw, or `INVALID_EVENT`, `DECRYPTION_FAILED`, `MALFORMED_MESSAGE`, `ABANDONED`. */
  readonly reason: string;
  /** In words, without anything of the event in it. */
  readonly detail: string;
  /** How often it was delivered. */
  readonly attempts: number;
  /** Where it was published. */
  readonly subject: string;
  /** Its number in the contract's stream. */
  readonly sequence: number;
  /** When it became a dead letter. */
  readonly at: Date;
  /** The headers that came with it, as far as they could be read. */
  readonly headers: MessageHeaders;
  /**
   * Sends the event again, to the durable subscription that could not handle it alone, and takes the letter away. Called
   * twice, it is sent once.
   *
   * @throws {MessagingError} `FORBIDDEN`, `DISCONNECTED`, `TIMEOUT`
   */
  redrive(): Promise<void>;
  /** Takes the letter away for good. @throws {MessagingError} `FORBIDDEN`, `DISCONNECTED`, `TIMEOUT` */
  discard(): Promise<void>;
}

/** Options of `deadLetters`. */
export interface DeadLettersOptions {
  /** Whose they are. */
  readonly durable: string;
  /** How long each call to the broker may take, in milliseconds. @default 5000 */
  readonly timeoutMs?: number;
  /** Ends the list. @default none */
  readonly signal?: AbortSignal;
}

/** The dead letters of one durable subscription to one event, oldest first; it ends with the newest there is when it begins. */
export type DeadLetters<C extends Contract, Name extends DurableEventName<C>> = AsyncIterable<
  DeadLetter<InferEvent<C, Name>>
>;
