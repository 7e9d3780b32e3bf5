import type { EventOperation } from "../contract/contract.ts";
import { validationError } from "../contract/validator.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { TaskQueue } from "../transport/task-queue.ts";
import type { TransportMessage } from "../transport/transport.ts";
import type { EventContext } from "./client-options.ts";

/** What an event receiver is made of. */
export interface EventReceiverOptions {
  /** Which event. */
  readonly operation: EventOperation;
  /** Its subject without parameters, with the namespace. */
  readonly prefix: string;
  /** How many run at once. */
  readonly concurrency: number;
  /** How many wait; over that the oldest is dropped. */
  readonly queueLimit: number;
  /** Opens a body; absent where there is no encryption. */
  readonly open: ((message: TransportMessage, headers: MessageHeaders) => Promise<Uint8Array>) | undefined;
  /** Takes a checked event. */
  readonly handle: (data: unknown, context: EventContext) => void | Promise<void>;
  /** Hears of events that could not be taken, and of handlers that failed. */
  readonly onError: (error: unknown) => void;
}

interface ReceivedEvent {
  /** Its value, or a promise of it while it is opened. */
  readonly value: unknown;
  readonly context: Omit<EventContext, "missed">;
  missed: number;
}

/** Takes an event's messages: decodes, checks, and hands them on in order; one bad message hurts only itself. */
export class EventReceiver {
  readonly #options: EventReceiverOptions;
  readonly #queue: TaskQueue<ReceivedEvent>;
  #missed = 0;

  /** For one subscription. */
  constructor(options: EventReceiverOptions) {
    this.#options = options;
    this.#queue = new TaskQueue({
      concurrency: options.concurrency,
      queueLimit: options.queueLimit,
      run: (event) => this.#run(event),
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
      const context = { event: operation.name, subject: message.subject, params, headers };
      const missed = this.#missed;
      this.#missed = 0;
      this.#enqueue({ value, context, missed });
    } catch (error) {
      onError(error);
    }
  }

  /** Drops what waits, and resolves when the handlers that run have ended. */
  end(): Promise<void> {
    this.#queue.clear();
    return this.#queue.idle();
  }

  /** Takes an event into the queue; over the limit the one that waits longest goes, and the next one says so. */
  #enqueue(event: ReceivedEvent): void {
    if (this.#queue.hasRoom) return this.#queue.add(event);
    this.#reportDrop();
    const dropped = this.#queue.dropOldest();
    if (dropped === undefined) {
      // Nothing may wait, so it is this one that goes.
      this.#missed = event.missed + 1;
      return;
    }
    const next = this.#queue.oldest ?? event;
    next.missed += dropped.missed + 1;
    this.#queue.add(event);
  }

  #reportDrop(): void {
    const { operation, onError, queueLimit } = this.#options;
    const text = `An event "${operation.name}" was dropped: ${queueLimit} wait for its handler already`;
    onError(new MessagingError("BUSY", text, { operation: operation.name }));
  }

  #run(event: ReceivedEvent): void | Promise<void> {
    const { operation, handle, onError } = this.#options;
    const { value } = event;
    if (value instanceof Promise) {
      return value.then((opened) => this.#run({ ...event, value: opened }), onError);
    }
    const context: EventContext = { ...event.context, missed: event.missed };
    try {
      const checked = operation.event.validate(value);
      if (checked instanceof Promise) {
        return checked.then((result) => handle(checkedValue(operation, result), context)).catch(onError);
      }
      const outcome = handle(checkedValue(operation, checked), context);
      return outcome instanceof Promise ? outcome.catch(onError) : undefined;
    } catch (error) {
      onError(error);
    }
  }
}

function checkedValue(
  operation: EventOperation,
  result: Awaited<ReturnType<EventOperation["event"]["validate"]>>,
): unknown {
  if (result.issues !== undefined) throw validationError("INVALID_EVENT", operation.name, result.issues);
  return result.value;
}
