import { openEvent } from "../client/payload-protection.ts";
import { validationError } from "../contract/validator.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { TransportMessage } from "../transport/transport.ts";
import { eventFrame } from "./event-frame.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { EventTarget } from "./route-table.ts";

/** What an event framer is made of. */
export interface EventFramerOptions {
  readonly target: EventTarget;
  readonly encryption: PayloadEncryption | undefined;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** An event as it came from the broker. */
export type FramedMessage = Pick<TransportMessage, "subject" | "headerBlock" | "body">;

/** What a frame says beside the event. */
export interface FrameLabel {
  readonly id: string;
  /** When it was stored, in milliseconds since 1970; absent for an event that is not. */
  readonly storedAt?: number;
}

type Checked = Awaited<ReturnType<EventTarget["operation"]["event"]["validate"]>>;

/** Makes frames of an event's messages: opened, checked, written. One that is not what it should be is told and dropped. */
export class EventFramer {
  readonly #options: EventFramerOptions;

  /** For one event. */
  constructor(options: EventFramerOptions) {
    this.#options = options;
  }

  /**
   * The message's frame, at once where nothing on the way is asynchronous; `undefined` for one that was dropped. `label` is
   * asked once it is known to be good. Never throws and never rejects.
   */
  frame(message: FramedMessage, label: () => FrameLabel): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const { encryption, target } = this.#options;
    try {
      const headers = message.headerBlock === undefined
        ? MessageHeaders.empty
        : decodeHeaderBlock(message.headerBlock).headers;
      if (target.operation.template.read(target.prefix, message.subject) === undefined) {
        throw new MessagingError("MALFORMED_MESSAGE", "The event came on a subject that is not of its form");
      }
      if (encryption === undefined) return this.#check(message.subject, headers, message.body, label);
      return openEvent(encryption, target.subjects.relative(message.subject), headers, message.body)
        .then((body) => this.#check(message.subject, headers, body, label))
        .catch((error: unknown) => this.drop("invalid", error));
    } catch (error) {
      return this.drop("invalid", error);
    }
  }

  /** Tells of an event that is not passed on. */
  drop(reason: string, error: unknown): undefined {
    const { metrics, logger, target: { contract, operation } } = this.#options;
    metrics.dropped(reason);
    logger.warn("An event was not passed on", { contract: contract.name, operation: operation.name, error });
  }

  #check(
    subject: string,
    headers: MessageHeaders,
    body: Uint8Array,
    label: () => FrameLabel,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const checking = this.#options.target.operation.event.validate(decodeBody(body));
    if (!(checking instanceof Promise)) return this.#write(subject, headers, body, checking, label);
    const own = body.slice();
    return checking.then((checked) => this.#write(subject, headers, own, checked, label))
      .catch((error: unknown) => this.drop("invalid", error));
  }

  #write(
    subject: string,
    headers: MessageHeaders,
    body: Uint8Array,
    { issues }: Checked,
    label: () => FrameLabel,
  ): Uint8Array | undefined {
    const { operation, prefix } = this.#options.target;
    if (issues !== undefined) return this.drop("invalid", validationError("INVALID_EVENT", operation.name, issues));
    // The event's name and what follows it: the prefix ends with that name.
    const shown = subject.slice(prefix.length - operation.name.length);
    return eventFrame({ ...label(), name: operation.name, subject: shown, headers, body });
  }
}
