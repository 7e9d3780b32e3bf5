import { MessagingError } from "../errors/messaging-error.ts";

const maximumMessages = 1_000;
const maximumBytes = 8 * 1024 * 1024;

/** A message that waits for the connection to come back. */
export interface WaitingMessage {
  /** Where it goes. */
  readonly subject: string;
  /** Where an answer goes. */
  readonly replySubject: string | undefined;
  /** Encoded. */
  readonly headerBlock: Uint8Array | undefined;
  /** Encoded; not changed while it waits. */
  readonly body: Uint8Array;
  /** Names it in error texts. */
  readonly operation: string | undefined;
  /** Whether somebody still wants it sent: a request past its deadline does not. */
  readonly wanted: () => boolean;
  /** It is sent now. */
  readonly onSent: () => void;
  /** It cannot be sent. */
  readonly onRefused: (error: MessagingError) => void;
}

/** What waits while the connection is away: bounded, in order, and whoever finds it full is told. */
export class OutageBuffer {
  #messages: WaitingMessage[] = [];
  #bytes = 0;

  /** Takes a message. @throws {MessagingError} `DISCONNECTED`, not executed, where it is full */
  add(message: WaitingMessage): void {
    const bytes = sizeOf(message);
    if (this.#messages.length >= maximumMessages || this.#bytes + bytes > maximumBytes) this.#dropUnwanted();
    if (this.#messages.length >= maximumMessages || this.#bytes + bytes > maximumBytes) {
      throw new MessagingError(
        "DISCONNECTED",
        `Cannot send: the connection is away and ${this.#messages.length} messages of ${this.#bytes} bytes wait for it already`,
        { operation: message.operation, execution: "not-executed" },
      );
    }
    this.#messages.push(message);
    this.#bytes += bytes;
  }

  /** Gives all that is still wanted, in order, and is empty. */
  take(): readonly WaitingMessage[] {
    const taken = this.#messages.filter((message) => message.wanted());
    this.#messages = [];
    this.#bytes = 0;
    return taken;
  }

  #dropUnwanted(): void {
    this.#messages = this.#messages.filter((message) => message.wanted());
    this.#bytes = this.#messages.reduce((bytes, message) => bytes + sizeOf(message), 0);
  }
}

function sizeOf(message: WaitingMessage): number {
  return message.subject.length + (message.headerBlock?.length ?? 0) + message.body.length;
}
