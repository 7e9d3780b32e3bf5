import type { EventOperation } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { type Middleware, runMiddleware } from "../contract/operation-call.ts";
import type { ContractSubjects } from "../contract/subjects.ts";
import { validationError } from "../contract/validator.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { headerNames, isReservedHeader } from "../message/header-names.ts";
import { encodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { TransportConnection } from "../transport/transport.ts";
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

  /** For one server. */
  constructor(options: EventBroadcasterOptions) {
    this.#options = options;
  }

  /** Tells one. */
  async broadcast(operation: EventOperation, data: unknown, options: BroadcastOptions): Promise<void> {
    const { middleware } = this.#options;
    const headers = ownHeaders(operation.name, options.headers);
    if (middleware.length === 0) return await this.#publish(operation, data, headers, options);
    const context: ServerCallContext = { subject: this.#options.subjects.of(operation.subject), headers };
    await runMiddleware(
      middleware,
      { kind: "event", operation: operation.name, data, context },
      (call) => this.#publish(operation, call.data, headers, options),
    );
  }

  async #publish(
    operation: EventOperation,
    data: unknown,
    headers: MessageHeaders,
    options: BroadcastOptions,
  ): Promise<void> {
    const { name } = operation;
    const checked = operation.event.validate(data);
    const { issues } = checked instanceof Promise ? await checked : checked;
    if (issues !== undefined) throw validationError("INVALID_EVENT", name, issues);
    const subject = operation.template.publishSubject(this.#options.subjects.of(operation.subject), data);
    const { encryption, subjects, connection } = this.#options;
    // Before it is encoded: a broker that does not keep up would otherwise cost all the memory that encoding takes.
    const refusal = connection().refusal?.(name);
    if (refusal !== undefined) throw refusal;
    let body: Uint8Array;
    try {
      body = encodeBody(data);
    } catch (cause) {
      throw new MessagingError(
        "INVALID_EVENT",
        `Event "${name}" cannot be written as JSON: ${(cause as Error).message}`,
        { operation: name },
      );
    }
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    if (!(Number.isFinite(timeoutMs) && timeoutMs > 0)) {
      throw new MessagingError(
        "INVALID_EVENT",
        `Event "${name}" was not sent: timeoutMs is ${String(timeoutMs)}: a number over 0 is wanted`,
        { operation: name },
      );
    }
    if (encryption === undefined) {
      return await connection().publish(subject, body, { timeoutMs, operation: name, headers });
    }
    const binding = { subject: subjects.relative(subject), direction: "event", requestId: "" } as const;
    const sealed = await encryption.seal(body, binding);
    await connection().publish(subject, sealed.body, {
      timeoutMs,
      operation: name,
      headers: MessageHeaders.fromTrusted([...headers, [headerNames.encryption, sealed.header]]),
    });
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
