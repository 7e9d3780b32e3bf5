import type { EventOperation } from "../contract/contract.ts";
import { validationError } from "../contract/validator.ts";
import { isPromise, type ValueOrPromise } from "../contract/value-or-promise.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { TransportMessage } from "../transport/transport.ts";
import type { EventContext, EventGap, GapHandler, OverflowPolicy } from "./client-options.ts";
import { EventQueue } from "./event-queue.ts";

/** What an event receiver is made of. */
export interface EventReceiverOptions {
  /** Which event. */
  readonly operation: EventOperation;
  /** Its subject without parameters, with the namespace. */
  readonly prefix: string;
  /** How many run at once. */
  readonly concurrency: number;
  /** How many wait. */
  readonly queueLimit: number;
  /** How many bytes wait. */
  readonly queueBytes: number;
  /** What happens to an event over these limits. */
  readonly overflow: OverflowPolicy;
  /** Opens a body; absent where there is no encryption. */
  readonly open: ((message: TransportMessage, headers: MessageHeaders) => Promise<Uint8Array>) | undefined;
  /** Takes a checked event. */
  readonly handle: (data: unknown, context: EventContext) => void | Promise<void>;
  /** Hears of events that could not be taken, and of handlers that failed. */
  readonly onError: (error: unknown) => void;
  /** Hears of gaps. */
  readonly onGap: GapHandler | undefined;
  /** Too many wait, and the subscription is to end. */
  readonly onCut: (error: MessagingError) => void;
}

interface ReceivedEvent {
  /** Its value, or a promise of it while it is opened. */
  readonly value: unknown;
  /** The event's own, so that what is missed before it is written into it when it is known. */
  readonly context: Omit<EventContext, "missed"> & { missed: number };
}

type CheckedEvent = Awaited<ReturnType<EventOperation["event"]["validate"]>>;

/** Takes an event's messages: decodes, checks, and hands them on in order; one bad message hurts only itself. */
export class EventReceiver {
  readonly #options: EventReceiverOptions;
  readonly #queue: EventQueue<ReceivedEvent>;

  /** For one subscription. @throws {TypeError} for limits that are none */
  constructor(options: EventReceiverOptions) {
    this.#options = options;
    const { operation, concurrency, queueLimit, queueBytes, overflow, onError, onCut } = options;
    this.#queue = new EventQueue({
      concurrency,
      queueLimit,
      queueBytes,
      overflow,
      run: (event, missed) => this.#run(event, missed),
      onGap: (gap) => this.#tellGap(gap),
      onDropped: () => {
        const text = `An event "${operation.name}" was dropped: too many wait for its handler already`;
        onError(new MessagingError("BUSY", text, { operation: operation.name }));
      },
      onCut: () => {
        const text = `The subscription to "${operation.name}" was ended: too many wait for its handler`;
        onCut(new MessagingError("BUSY", text, { operation: operation.name }));
      },
    });
  }

  /** Takes a message. */
  receive(message: TransportMessage): void {
    const { operation, prefix, onError, open } = this.#options;
    try {
      const headers = message.headerBlock === undefined
        ? MessageHeaders.empty
        : decodeHeaderBlock(message.headerBlock).headers;
      const params = operation.template.read(prefix, message.subject);
      if (params === undefined) {
        throw new MessagingError(
          "MALFORMED_MESSAGE",
          `Event "${operation.name}" came on a subject that is not of its form`,
          { operation: operation.name },
        );
      }
      const value = open === undefined ? decodeBody(message.body) : open(message, headers).then(decodeBody);
      // Whoever runs it hears of a failure; one that is dropped before has nobody to hear.
      if (value instanceof Promise) value.catch(() => {});
      const context = { event: operation.name, subject: message.subject, params, headers, missed: 0 };
      this.#queue.add({ value, context }, message.body.length);
    } catch (error) {
      onError(error);
    }
  }

  /** Some may be missing between those that came and those that come. */
  gap(reason: EventGap["reason"]): void {
    if (this.#options.onGap !== undefined) this.#queue.addGap({ reason, missed: undefined });
  }

  /** Resolves when all that came is handled. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Drops what waits, and resolves when the handlers that run have ended. */
  end(): Promise<void> {
    return this.#queue.end();
  }

  #run({ value, context }: ReceivedEvent, missed: number): void | Promise<void> {
    const { onError } = this.#options;
    context.missed = missed;
    try {
      const handled = isPromise(value) ? this.#checkLater(value, context) : this.#check(value, context);
      return isPromise(handled) ? this.#heard(handled) : undefined;
    } catch (error) {
      onError(error);
    }
  }

  #check(value: unknown, context: EventContext): ValueOrPromise<void> {
    const { operation, handle } = this.#options;
    const checked = operation.event.validate(value);
    return isPromise(checked) ? this.#handleLater(checked, context) : handle(checkedValue(operation, checked), context);
  }

  // What is asynchronous stands apart: a function with a closure in it makes a context at every call.
  async #checkLater(value: PromiseLike<unknown>, context: EventContext): Promise<void> {
    await this.#check(await value, context);
  }

  async #handleLater(checked: PromiseLike<CheckedEvent>, context: EventContext): Promise<void> {
    const { operation, handle } = this.#options;
    await handle(checkedValue(operation, await checked), context);
  }

  async #heard(handled: PromiseLike<void>): Promise<void> {
    try {
      await handled;
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #tellGap(gap: EventGap): void | Promise<void> {
    const { onGap, onError } = this.#options;
    try {
      const outcome = onGap?.(gap) as ValueOrPromise<unknown>;
      return isPromise(outcome) ? Promise.resolve(outcome).then(() => {}, onError) : undefined;
    } catch (error) {
      onError(error);
    }
  }
}

function checkedValue(
  operation: EventOperation,
  result: CheckedEvent,
): unknown {
  if (result.issues !== undefined) throw validationError("INVALID_EVENT", operation.name, result.issues);
  return result.value;
}
