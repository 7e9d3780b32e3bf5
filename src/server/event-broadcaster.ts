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
import { OutgoingContext } from "../message/outgoing-context.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { TransportConnection, TransportPublishOptions } from "../transport/transport.ts";
import type { BroadcastOptions, ServerCallContext } from "./server-options.ts";

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
}

/** Tells events: checks, encodes, and waits until the broker has them. */
export class EventBroadcaster {
  readonly #options: EventBroadcasterOptions;
  readonly #bodies = new BodyEncoder();
  readonly #destinations = new Map<EventOperation, string>();

  /** For one server. */
  constructor(options: EventBroadcasterOptions) {
    this.#options = options;
  }

  /** Tells one. Its promise is the connection's own where nothing on the way is asynchronous. */
  broadcast(operation: EventOperation, data: unknown, options: BroadcastOptions): Promise<void> {
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
    options: BroadcastOptions,
  ): Promise<void> {
    const context = new OutgoingContext(this.#options.subjects.of(operation.subject), headers, undefined);
    const destination = this.#destination(operation, context.subject);
    await runMiddleware<ServerCallContext>(
      this.#options.middleware,
      { kind: "event", action: "send", operation: operation.name, destination, data, context },
      async (call) => await this.#publish(operation, call.data, context.headers, options),
    );
  }

  #destination(operation: EventOperation, subject: string): string {
    let destination = this.#destinations.get(operation);
    if (destination === undefined) this.#destinations.set(operation, destination = operation.template.pattern(subject));
    return destination;
  }

  #publish(
    operation: EventOperation,
    data: unknown,
    headers: MessageHeaders,
    options: BroadcastOptions,
  ): Promise<void> {
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
    options: BroadcastOptions,
  ): Promise<void> {
    const { name } = operation;
    if (issues !== undefined) throw validationError("INVALID_EVENT", name, issues);
    const { encryption, subjects, connection } = this.#options;
    const subject = operation.template.publishSubject(subjects.of(operation.subject), data);
    const live = connection();
    // Before it is encoded: a broker that does not keep up would otherwise cost all the memory that encoding takes.
    const refusal = live.refusal?.(name);
    if (refusal !== undefined) throw refusal;
    const body = this.#encode(name, data);
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    if (!(Number.isFinite(timeoutMs) && timeoutMs > 0)) {
      throw new MessagingError(
        "INVALID_EVENT",
        `Event "${name}" was not sent: timeoutMs is ${String(timeoutMs)}: a number over 0 is wanted`,
        { operation: name },
      );
    }
    const publication = { timeoutMs, operation: name, headers };
    return encryption === undefined
      ? live.publish(subject, body, publication)
      : this.#seal(encryption, subject, body, publication);
  }

  async #seal(
    encryption: PayloadEncryption,
    subject: string,
    body: Uint8Array,
    publication: TransportPublishOptions & { readonly headers: MessageHeaders },
  ): Promise<void> {
    const { subjects, connection } = this.#options;
    const binding = { subject: subjects.relative(subject), direction: "event", requestId: "" } as const;
    const sealed = await encryption.seal(body, binding);
    await connection().publish(subject, sealed.body, {
      ...publication,
      headers: MessageHeaders.fromTrusted([...publication.headers, [headerNames.encryption, sealed.header]]),
    });
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
