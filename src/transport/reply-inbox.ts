import { MessagingError } from "../errors/messaging-error.ts";
import { isNoResponders } from "../message/header-block.ts";
import type { Clock } from "./clock.ts";
import { createIdentifierSource, unguessableLength } from "./identifiers.ts";
import type { PendingRequest } from "./pending-entry.ts";
import { PendingRequests } from "./pending-requests.ts";
import { isPublishSubject } from "./subject-rules.ts";
import type { TransportMessage } from "./transport.ts";

/** One subscription for all answers of a connection, and the table of who waits for them. */
export class ReplyInbox {
  /** Who waits. */
  readonly pending: PendingRequests;
  /** What to subscribe to. */
  readonly subject: string;
  readonly #prefix: string;

  /**
   * An inbox under a prefix that nobody guesses.
   *
   * @throws {TypeError} where the prefix cannot stand in a subject
   */
  constructor(clock: Clock, inboxPrefix = "_INBOX") {
    if (!isPublishSubject(inboxPrefix) || !inboxPrefix.startsWith("_INBOX") || inboxPrefix.length > 256) {
      throw new TypeError(
        'Cannot use this inboxPrefix: subject tokens that start with "_INBOX" are wanted, such as "_INBOX_ann"',
      );
    }
    this.pending = new PendingRequests(clock);
    this.#prefix = `${inboxPrefix}.${createIdentifierSource(clock).next(unguessableLength)}.`;
    this.subject = `${this.#prefix}*`;
  }

  /** Where the answer to this request goes. @throws {MessagingError} `INVALID_REQUEST` for an id that is no subject token */
  replySubject(requestId: string): string {
    if (requestId.includes(".") || !isPublishSubject(requestId)) {
      throw new MessagingError("INVALID_REQUEST", "Cannot send a request: its id is no subject token");
    }
    return this.#prefix + requestId;
  }

  /** The request whose answer comes to this subject; `undefined` where none waits for it. */
  awaited(replySubject: string): PendingRequest | undefined {
    return replySubject.startsWith(this.#prefix)
      ? this.pending.get(replySubject.slice(this.#prefix.length))
      : undefined;
  }

  /** Takes an answer; one that nobody waits for is counted. */
  receive(message: TransportMessage): void {
    const requestId = message.subject.slice(this.#prefix.length);
    if (isNoResponders(message.headerBlock, message.body)) {
      this.pending.get(requestId)?.refuseNobody();
      return;
    }
    this.pending.settle(requestId, message);
  }
}
