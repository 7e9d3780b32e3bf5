import type { Contract, RequestOperation } from "../contract/contract.ts";
import { type ContractSubjects, contractSubjects } from "../contract/subjects.ts";
import { isMessagingError, type MessagingError } from "../errors/messaging-error.ts";
import { decodeErrorReply, isErrorReply } from "../message/error-reply.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import { systemClock } from "../transport/clock.ts";
import { createIdentifierSource, requestIdLength } from "../transport/identifiers.ts";
import type { Transport, TransportConnection, TransportMessage } from "../transport/transport.ts";
import { connectionCodes } from "./connection-codes.ts";

/** What a service is asked by. */
export interface ConformanceCallerOptions {
  readonly contract: Contract;
  readonly transport: Transport;
  readonly namespace: string | undefined;
  readonly encryption: PayloadEncryption | undefined;
  /** How long to wait for an answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** A request as it travels: nothing of it is checked. */
export interface RawRequest {
  readonly body: Uint8Array;
  readonly token: string | undefined;
  /** Of the body. @default none: JSON */
  readonly contentType?: string;
  /** Sends the body in the open where bodies are encrypted. @default false */
  readonly unsealed?: boolean;
}

/** What came back. */
export type RawAnswer =
  | { readonly kind: "value"; readonly value: unknown }
  | {
    readonly kind: "error";
    readonly code: string | undefined;
    readonly status: number | undefined;
    readonly message: string;
    readonly data: unknown;
  }
  /** Nothing did, or nothing that can be read. */
  | { readonly kind: "nothing"; readonly reason: string };

/** Asks a service without a client's checks. */
export class ConformanceCaller implements AsyncDisposable {
  readonly #options: ConformanceCallerOptions;
  readonly #connection: TransportConnection;
  readonly #subjects: ContractSubjects;
  readonly #identifiers = createIdentifierSource(systemClock);

  private constructor(options: ConformanceCallerOptions, connection: TransportConnection) {
    this.#options = options;
    this.#connection = connection;
    this.#subjects = contractSubjects(options.contract, options.namespace);
  }

  /** Connects. */
  static async open(options: ConformanceCallerOptions): Promise<ConformanceCaller> {
    return new ConformanceCaller(
      options,
      await options.transport.open({ signal: AbortSignal.timeout(options.timeoutMs) }),
    );
  }

  /** Sends one request. */
  async ask(operation: RequestOperation, request: RawRequest): Promise<RawAnswer> {
    const subject = this.#subjects.of(operation.subject);
    const requestId = this.#identifiers.next(requestIdLength);
    const { body, headers } = await this.#seal(subject, requestId, request);
    const options = { requestId, timeoutMs: this.#options.timeoutMs, operation: operation.name, headers, read: copyOf };
    let answer: TransportMessage;
    try {
      answer = await this.#connection.request(subject, body, options);
    } catch (error) {
      if (!isMessagingError(error)) throw error;
      const { code, status, message, data } = error;
      // A gateway's own refusal is an answer, too: HttpTransport rejects with it.
      return connectionCodes.has(code) ? nothing(error) : { kind: "error", code, status, message, data };
    }
    try {
      return await this.#read(subject, requestId, answer);
    } catch (error) {
      if (isMessagingError(error)) return nothing(error);
      throw error;
    }
  }

  /** How many answers one request gets; `undefined` where the transport cannot tell. */
  async countAnswers(
    operation: RequestOperation,
    request: RawRequest,
    patienceMs: number,
  ): Promise<number | undefined> {
    const subject = this.#subjects.of(operation.subject);
    const requestId = this.#identifiers.next(requestIdLength);
    const { body, headers } = await this.#seal(subject, requestId, request);
    try {
      const options = { requestId, timeoutMs: patienceMs, operation: operation.name, headers, limit: 2 };
      return (await this.#connection.requestMany(subject, body, options)).length;
    } catch (error) {
      if (isMessagingError(error, "UNSUPPORTED")) return undefined;
      throw error;
    }
  }

  /** Whether the service takes bodies that are encrypted, and no others. */
  async requiresEncryption(): Promise<boolean> {
    try {
      await this.#options.encryption?.open(new Uint8Array(1), undefined, {
        subject: "any",
        direction: "request",
        requestId: "any",
      });
      return false;
    } catch {
      return true;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection.close();
  }

  async #seal(
    subject: string,
    requestId: string,
    { body, token, contentType, unsealed = false }: RawRequest,
  ): Promise<{ body: Uint8Array; headers: MessageHeaders }> {
    const { encryption } = this.#options;
    const entries: (readonly [string, string])[] = [];
    if (token !== undefined) entries.push([headerNames.authorization, `Bearer ${token}`]);
    if (contentType !== undefined) entries.push([headerNames.contentType, contentType]);
    if (encryption === undefined || unsealed) return { body, headers: MessageHeaders.fromTrusted(entries) };
    const binding = { subject: this.#subjects.relative(subject), direction: "request", requestId } as const;
    const sealed = await encryption.seal(body, binding);
    entries.push([headerNames.encryption, sealed.header]);
    return { body: sealed.body, headers: MessageHeaders.fromTrusted(entries) };
  }

  async #read(subject: string, requestId: string, { headerBlock, body }: TransportMessage): Promise<RawAnswer> {
    const { encryption } = this.#options;
    const headers = headerBlock === undefined ? MessageHeaders.empty : decodeHeaderBlock(headerBlock).headers;
    const binding = { subject: this.#subjects.relative(subject), direction: "response", requestId } as const;
    const opened = await encryption?.open(body, headers.get(headerNames.encryption), binding) ?? body;
    if (!isErrorReply(headers)) return { kind: "value", value: decodeBody(opened) };
    const { code, status, message, data } = decodeErrorReply(headers, opened);
    return { kind: "error", code, status, message, data };
  }
}

function nothing({ code, message }: MessagingError): RawAnswer {
  return { kind: "nothing", reason: `${code}: ${message}` };
}

function copyOf({ subject, replySubject, headerBlock, body }: TransportMessage): TransportMessage {
  return { subject, replySubject, headerBlock: headerBlock?.slice(), body: body.slice() };
}
