import type { EventOperation } from "../contract/contract.ts";
import { validationError } from "../contract/validator.ts";
import { isPromise, type ValueOrPromise } from "../contract/value-or-promise.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { StoredMessage } from "../transport/event-store.ts";
import { deadLetterHeaders, messageIdHeader } from "./dead-letter-headers.ts";

/** What a reader of stored events is made of. */
export interface StoredEventReaderOptions {
  /** Which event. */
  readonly operation: EventOperation;
  /** Its subject without parameters, with the namespace. */
  readonly prefix: string;
  /** A subject with the namespace, without it. */
  readonly relative: (subject: string) => string;
  /** Opens bodies. */
  readonly encryption: PayloadEncryption | undefined;
}

/** Where an event came from: its own stream's words, or what its dead letter kept of them. */
export interface EventOrigin {
  /** Where it was published. */
  readonly subject: string;
  /** Its number in the contract's stream. */
  readonly sequence: number;
  /** When the stream took it, in milliseconds since 1970. */
  readonly publishedAt: number;
  /** The event's own id. */
  readonly id: string;
}

/** A stored event with its headers read. */
export interface OpenedMessage {
  /** Its headers. */
  readonly headers: MessageHeaders;
  /** Where it came from. */
  readonly origin: EventOrigin;
  /** The values of its subject parameters. */
  readonly params: Readonly<Record<string, string>>;
}

/** Reads stored messages as events of a contract. */
export class StoredEventReader {
  readonly #options: StoredEventReaderOptions;

  /** For one event. */
  constructor(options: StoredEventReaderOptions) {
    this.#options = options;
  }

  /** Reads its headers and where it came from. @throws {MessagingError} `MALFORMED_MESSAGE` */
  open(message: StoredMessage, stream: string, sentAgain: boolean): OpenedMessage {
    const { operation, prefix } = this.#options;
    const headers = message.headerBlock === undefined
      ? MessageHeaders.empty
      : decodeHeaderBlock(message.headerBlock).headers;
    const origin = sentAgain ? originalOf(message, headers) : {
      subject: message.subject,
      sequence: message.sequence,
      publishedAt: message.publishedAt,
      id: headers.get(messageIdHeader) ?? `${stream}:${message.sequence}`,
    };
    const params = operation.template.read(prefix, origin.subject);
    if (params === undefined) {
      throw new MessagingError(
        "MALFORMED_MESSAGE",
        `Event "${operation.name}" came on a subject that is not of its form`,
        { operation: operation.name },
      );
    }
    return { headers, origin, params };
  }

  /** The event's data, checked. @throws {MessagingError} `MALFORMED_MESSAGE`, `DECRYPTION_FAILED`, `INVALID_EVENT` */
  data(message: StoredMessage, { headers, origin }: OpenedMessage): ValueOrPromise<unknown> {
    const { encryption, relative } = this.#options;
    if (encryption === undefined) return this.#check(decodeBody(message.body));
    const binding = { subject: relative(origin.subject), direction: "event", requestId: "" } as const;
    return encryption.open(message.body, headers.get(headerNames.encryption), binding)
      .then((body) => this.#check(decodeBody(body)));
  }

  #check(value: unknown): ValueOrPromise<unknown> {
    const { operation } = this.#options;
    const checked = operation.event.validate(value);
    if (isPromise(checked)) return checked.then((result) => checkedValue(operation, result));
    return checkedValue(operation, checked);
  }
}

function checkedValue(
  operation: EventOperation,
  result: Awaited<ReturnType<EventOperation["event"]["validate"]>>,
): unknown {
  if (result.issues !== undefined) throw validationError("INVALID_EVENT", operation.name, result.issues);
  return result.value;
}

/** What the letter kept of an event that is sent again. @throws {MessagingError} `MALFORMED_MESSAGE` */
export function originalOf(message: StoredMessage, headers: MessageHeaders): EventOrigin {
  const subject = headers.get(deadLetterHeaders.subject);
  const sequence = Number(headers.get(deadLetterHeaders.sequence));
  const id = headers.get(deadLetterHeaders.eventId);
  const publishedAt = Date.parse(headers.get(deadLetterHeaders.publishedAt) ?? "");
  if (subject === undefined || id === undefined || !Number.isSafeInteger(sequence) || sequence < 1) {
    throw new MessagingError("MALFORMED_MESSAGE", "Cannot read a dead letter: it does not say which event it is of");
  }
  return { subject, sequence, id, publishedAt: Number.isFinite(publishedAt) ? publishedAt : message.publishedAt };
}
