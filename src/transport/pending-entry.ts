import type { LibraryCode } from "../errors/error-codes.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import type { AbortListeners, StopListening } from "./abort-listeners.ts";
import type { Deadline } from "./deadline-wheel.ts";
import type { TransportMessage, TransportRequestManyOptions, TransportRequestOptions } from "./transport.ts";

/** A request that waits for its answer, or for all that come. */
export interface PendingRequest extends Deadline {
  /** Where it was sent. */
  readonly subject: string;
  /** Names it in error texts. */
  readonly operation: string;
  /** Whose request it is: a participant that leaves settles its own. */
  readonly owner: object;
  /** Whether it went out: one that did not was not executed. */
  sent: boolean;
  /** Ends it with an error, once. */
  reject(error: MessagingError): void;
  /** The broker says that nobody hears it. */
  refuseNobody(): void;
}

/** Where an entry waits. */
export interface EntryTable {
  /** Takes it out. */
  remove(requestId: string, entry: Deadline): void;
}

/** What an entry is made of. */
export interface EntryParts<Options> {
  /** Where it waits. */
  readonly table: EntryTable;
  /** Whose request it is. */
  readonly owner: object;
  /** Where it was sent. */
  readonly subject: string;
  /** What the caller wants. */
  readonly options: Options;
  /** On the clock's scale, in milliseconds. */
  readonly expiresAt: number;
  /** Tells the caller. */
  readonly reject: (error: MessagingError) => void;
}

/** What requests for one answer and for many have in common. */
export abstract class PendingEntry implements PendingRequest {
  readonly subject: string;
  readonly operation: string;
  readonly owner: object;
  readonly expiresAt: number;
  "~next": Deadline | undefined = undefined;
  "~previous": Deadline | undefined = undefined;
  sent = false;
  readonly #table: EntryTable;
  readonly #requestId: string;
  readonly #timeoutMs: number;
  readonly #reject: (error: MessagingError) => void;
  #stopListening: StopListening | undefined;

  constructor(parts: EntryParts<TransportRequestManyOptions>) {
    this.#table = parts.table;
    this.owner = parts.owner;
    this.subject = parts.subject;
    this.operation = parts.options.operation;
    this.#requestId = parts.options.requestId;
    this.#timeoutMs = parts.options.timeoutMs;
    this.expiresAt = parts.expiresAt;
    this.#reject = parts.reject;
  }

  /** An answer came. */
  abstract take(message: TransportMessage): void;

  listen(aborts: AbortListeners, signal: AbortSignal): void {
    this.#stopListening = aborts.listen(signal, () => {
      this.giveUp("CANCELLED", cancelled, signal.reason);
    });
  }

  reject(error: MessagingError): void {
    this.leave();
    this.#reject(error);
  }

  refuseNobody(): void {
    const { operation } = this;
    const text = `Nobody serves request "${operation}" at this broker, namespace and version`;
    this.reject(new MessagingError("NO_RESPONDERS", text, { operation }));
  }

  expire(): void {
    const what = this.sent ? "got no answer" : "was not sent: no connection";
    this.giveUp("TIMEOUT", `${what} within ${Math.round(this.#timeoutMs)} ms`);
  }

  disconnect(reason: string): void {
    this.giveUp("DISCONNECTED", `got no answer: ${reason}`);
  }

  /** What it was sent over is lost, and with it an answer on its way. */
  lose(reason: string): void {
    this.disconnect(reason);
  }

  /** Ends it with what became of it. */
  giveUp(code: LibraryCode, what: string, cause?: unknown): void {
    this.reject(requestError(this.operation, code, what, this.sent, cause));
  }

  /** It waits no longer. */
  leave(): void {
    this.#table.remove(this.#requestId, this);
    this.#stopListening?.();
  }
}

/** A request that its first answer ends. */
export class SingleAnswerEntry<Answer> extends PendingEntry {
  readonly #read: TransportRequestOptions<Answer>["read"];
  readonly #resolve: (answer: Answer | PromiseLike<Answer>) => void;

  constructor(
    parts: EntryParts<TransportRequestOptions<Answer>>,
    resolve: (answer: Answer | PromiseLike<Answer>) => void,
  ) {
    super(parts);
    this.#read = parts.options.read;
    this.#resolve = resolve;
  }

  take(message: TransportMessage): void {
    this.leave();
    try {
      // Without a reader the message is the answer, as the type has it.
      this.#resolve(this.#read === undefined ? message as Answer : this.#read(message));
    } catch (error) {
      this.reject(error as MessagingError);
    }
  }
}

const defaultLimit = 1_000;
const maximumBytes = 16 * 1024 * 1024;

/** A request that takes answers until its time is over. */
export class ManyAnswersEntry extends PendingEntry {
  readonly #resolve: (messages: TransportMessage[]) => void;
  readonly #limit: number;
  readonly #answers: TransportMessage[] = [];
  #bytes = 0;

  constructor(parts: EntryParts<TransportRequestManyOptions>, resolve: (messages: TransportMessage[]) => void) {
    super(parts);
    this.#resolve = resolve;
    this.#limit = parts.options.limit ?? defaultLimit;
  }

  take(message: TransportMessage): void {
    const { subject, headerBlock, body } = message;
    this.#bytes += subject.length + body.length + (headerBlock?.length ?? 0);
    if (this.#bytes > maximumBytes) {
      return this.giveUp("PAYLOAD_TOO_LARGE", `got more than ${maximumBytes} bytes of answers`);
    }
    this.#answers.push({ ...message, headerBlock: headerBlock?.slice(), body: body.slice() });
    if (this.#answers.length >= this.#limit) this.#finish();
  }

  override refuseNobody(): void {
    this.#finish();
  }

  override lose(): void {
    // What has come is an answer all the same, and its time is over soon enough.
  }

  override expire(): void {
    // One that never went out says nothing of who is there.
    if (this.sent) this.#finish();
    else super.expire();
  }

  #finish(): void {
    this.leave();
    this.#resolve(this.#answers);
  }
}

/** The error for a request whose signal was aborted before it was sent. */
export function cancelledRequest(operation: string, cause: unknown): MessagingError {
  return requestError(operation, "CANCELLED", cancelled, false, cause);
}

const cancelled = "was cancelled by its caller";

/** What was sent may have been executed. */
function requestError(
  operation: string,
  code: LibraryCode,
  what: string,
  sent: boolean,
  cause?: unknown,
): MessagingError {
  const execution = sent ? "unknown" : "not-executed";
  return new MessagingError(code, `Request "${operation}" ${what}`, { operation, execution, cause });
}
