import type { EventOperation } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { type Middleware, runMiddleware } from "../contract/operation-call.ts";
import type { ContractSubjects } from "../contract/subjects.ts";
import type { StandardIssue } from "../contract/standard-schema.ts";
import { validationError } from "../contract/validator.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { BodyEncoder } from "../message/body-encoder.ts";
import { headerNames, isReservedHeader } from "../message/header-names.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { DurablePublisher } from "../durable/durable-publisher.ts";
import type { StoredAcknowledgement } from "../transport/event-store.ts";
import type { TransportConnection, TransportPublishOptions } from "../transport/transport.ts";
import type { DurableBroadcastOptions, ServerCallContext } from "./server-options.ts";

/** What a broadcast resolves with: the stream's acknowledgement for a durable event, for another one nothing. */
type Broadcast = StoredAcknowledgement | void;

/** What an event broadcaster is made of. */
export interface EventBroadcasterOptions {
  /** The contract's subjects. */
  readonly subjects: ContractSubjects;
  /** Wraps every broadcast. */
  readonly middleware: readonly Middleware<ServerCallContext>[];
  /** Encrypts bodies. */
  readonly encryption: PayloadEncryption | undefined;
  /** The connection now. @throws {MessagingError} `DISCONNECTED` where there is none */
  readonly connection: () => TransportConnection;
  /** Stores durable events; there while the server is started. */
  readonly publisher: () => DurablePublisher;
}

/** Tells events: checks, encodes, and waits until the broker has them. */
export class EventBroadcaster {
  readonly #options: EventBroadcasterOptions;
  readonly #bodies = new BodyEncoder();

  /** For one server. */
  constructor(options: EventBroadcasterOptions) {
    this.#options = options;
  }

  /** Tells one. Its promise is the connection's own where nothing on the way is asynchronous. */
  broadcast(operation: EventOperation, data: unknown, options: DurableBroadcastOptions): Promise<Broadcast> {
    try {
      const headers = ownHeaders(operation.name, options.headers);
      const { middleware } = this.#options;
      return middleware.length === 0
        ? this.#publish(operation, data, headers, options)
        : this.#throughMiddleware(operation, data, headers, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #throughMiddleware(
    operation: EventOperation,
    data: unknown,
    headers: MessageHeaders,
    options: DurableBroadcastOptions,
  ): Promise<Broadcast> {
    const { subjects, middleware } = this.#options;
    const context: ServerCallContext = { subject: subjects.of(operation.subject), headers };
    const { name } = operation;
    let sent = undefined as Broadcast;
    await runMiddleware(
      middleware,
      { kind: "event", operation: name, data, context },
      async (call) => sent = await this.#publish(operation, call.data, headers, options),
    );
    if (operation.durable !== undefined && sent === undefined) {
      throw new MessagingError("INTERNAL", `Event "${name}" was not stored: a middleware kept it`, { operation: name });
    }
    return sent;
  }

  #publish(
    operation: EventOperation,
    data: unknown,
    headers: MessageHeaders,
    options: DurableBroadcastOptions,
  ): Promise<Broadcast> {
    const checked = operation.event.validate(data);
    return checked instanceof Promise
      ? checked.then(({ issues }) => this.#send(operation, data, issues, headers, options))
      : this.#send(operation, data, checked.issues, headers, options);
  }

  #send(
    operation: EventOperation,
    data: unknown,
    issues: readonly StandardIssue[] | undefined,
    headers: MessageHeaders,
    options: DurableBroadcastOptions,
  ): Promise<Broadcast> {
    const { name } = operation;
    if (issues !== undefined) throw validationError("INVALID_EVENT", name, issues);
    const { encryption, subjects, connection } = this.#options;
    const subject = operation.template.publishSubject(subjects.of(operation.subject), data);
    if (operation.durable !== undefined) return this.#store(operation, subject, data, headers, options);
    if (options.id !== undefined) {
      throw new MessagingError("INVALID_EVENT", `Event "${name}" was not sent: only a durable event has an id`, {
        operation: name,
      });
    }
    const live = connection();
    // Before it is encoded: a broker that does not keep up would otherwise cost all the memory that encoding takes.
    const refusal = live.refusal?.(name);
    if (refusal !== undefined) throw refusal;
    const body = this.#encode(name, data);
    const publication = { timeoutMs: timeoutOf(name, options), operation: name, headers };
    return encryption === undefined
      ? live.publish(subject, body, publication)
      : this.#seal(encryption, subject, body, publication);
  }

  async #store(
    operation: EventOperation,
    subject: string,
    data: unknown,
    headers: MessageHeaders,
    options: DurableBroadcastOptions,
  ): Promise<StoredAcknowledgement> {
    const publisher = this.#options.publisher();
    const message = { body: this.#encode(operation.name, data), headers };
    const { encryption } = this.#options;
    return await publisher.publish({
      operation,
      subject,
      ...(encryption === undefined ? message : await this.#sealed(encryption, subject, message)),
      timeoutMs: timeoutOf(operation.name, options),
      id: options.id,
    });
  }

  async #seal(
    encryption: PayloadEncryption,
    subject: string,
    body: Uint8Array,
    publication: TransportPublishOptions & { readonly headers: MessageHeaders },
  ): Promise<void> {
    const sealed = await this.#sealed(encryption, subject, { body, headers: publication.headers });
    await this.#options.connection().publish(subject, sealed.body, { ...publication, headers: sealed.headers });
  }

  async #sealed(
    encryption: PayloadEncryption,
    subject: string,
    { body, headers }: { readonly body: Uint8Array; readonly headers: MessageHeaders },
  ): Promise<{ readonly body: Uint8Array; readonly headers: MessageHeaders }> {
    const binding = { subject: this.#options.subjects.relative(subject), direction: "event", requestId: "" } as const;
    const sealed = await encryption.seal(body, binding);
    return {
      body: sealed.body,
      headers: MessageHeaders.fromTrusted([...headers, [headerNames.encryption, sealed.header]]),
    };
  }

  #encode(event: string, data: unknown): Uint8Array {
    try {
      return this.#bodies.encode(data);
    } catch (cause) {
      throw new MessagingError(
        "INVALID_EVENT",
        `Event "${event}" cannot be written as JSON: ${(cause as Error).message}`,
        { operation: event },
      );
    }
  }
}

function timeoutOf(event: string, { timeoutMs = defaultTimeoutMs }: DurableBroadcastOptions): number {
  if (Number.isFinite(timeoutMs) && timeoutMs > 0) return timeoutMs;
  throw new MessagingError(
    "INVALID_EVENT",
    `Event "${event}" was not sent: timeoutMs is ${String(timeoutMs)}: a number over 0 is wanted`,
    { operation: event },
  );
}

function ownHeaders(operation: string, given: Readonly<Record<string, string>> | undefined): MessageHeaders {
  if (given === undefined) return MessageHeaders.empty;
  for (const name of Object.keys(given)) {
    if (isReservedHeader(name)) {
      throw new MessagingError(
        "INVALID_EVENT",
        `Event "${operation}" was not sent: the header "${name.slice(0, 64)}" is the library's own`,
        { operation },
      );
    }
  }
  return MessageHeaders.from(given);
}
