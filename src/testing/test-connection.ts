import type { Contract, RequestOperation } from "../contract/contract.ts";
import { isMessagingError, type MessagingError } from "../errors/messaging-error.ts";
import { encodeErrorReply } from "../message/error-reply.ts";
import { encodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadBinding, PayloadEncryption } from "../message/payload-encryption.ts";
import type { Clock } from "../transport/clock.ts";
import type { EventStore } from "../transport/event-store.ts";
import type {
  TransportConnection,
  TransportMessage,
  TransportPublishOptions,
  TransportRequestManyOptions,
  TransportRequestOptions,
  TransportSubscribeOptions,
  TransportSubscription,
} from "../transport/transport.ts";
import { type BrokerPresence, lostError } from "./broker-presence.ts";
import { connectionCodes } from "./connection-codes.ts";
import type { ContractOperations } from "./contract-operations.ts";
import { EventPublisher } from "./event-publisher.ts";
import { type Fault, faultError, type PlannedFaults } from "./faults.ts";
import type { HistoryRecorder, RecordedRequest } from "./history-recorder.ts";
import { Patience, type Sending } from "./patience.ts";
import { openData, readData, readHeaders } from "./read-message.ts";
import { TestSubscription } from "./test-subscription.ts";

/** What a test connection is made of. */
export interface TestConnectionOptions {
  readonly inner: TransportConnection;
  readonly contract: Contract;
  readonly operations: ContractOperations;
  readonly recorder: HistoryRecorder;
  readonly faults: PlannedFaults;
  readonly presence: BrokerPresence;
  readonly encryption: PayloadEncryption | undefined;
  readonly clock: Clock;
  readonly onClose: (connection: TestConnection) => void;
}

/** One participant's connection, with faults and a history. */
export class TestConnection implements TransportConnection {
  readonly refusal?: (operation: string) => MessagingError | undefined;
  readonly answersRefusal?: () => MessagingError | undefined;
  readonly onRefusedSend?: (listener: (subject: string, error: MessagingError) => void) => () => void;
  readonly eventStore?: () => Promise<EventStore>;
  readonly #options: TestConnectionOptions;
  readonly #subscriptions = new Set<TestSubscription>();
  readonly #closing = new AbortController();
  readonly #patience: Patience;
  readonly #publisher: EventPublisher;

  /** Around the connection of another transport. */
  constructor(options: TestConnectionOptions) {
    this.#options = options;
    const { inner, clock, presence } = options;
    this.#patience = new Patience(clock, presence, this.#closing.signal);
    this.#publisher = new EventPublisher({
      ...options,
      patience: this.#patience,
      read: (subject, body, headers) => this.#read(body, headers, { subject, direction: "event", requestId: "" }),
    });
    const { eventStore } = inner;
    if (eventStore !== undefined) {
      this.eventStore = async () => this.#publisher.recordedStore(await eventStore.call(inner));
    }
    if (inner.refusal !== undefined) this.refusal = (operation) => inner.refusal!(operation);
    if (inner.answersRefusal !== undefined) this.answersRefusal = () => inner.answersRefusal!();
    if (inner.onRefusedSend !== undefined) this.onRefusedSend = (listener) => inner.onRefusedSend!(listener);
  }

  get maxPayloadBytes(): number {
    return this.#options.inner.maxPayloadBytes;
  }

  async request<Answer = TransportMessage>(
    subject: string,
    body: Uint8Array,
    options: TransportRequestOptions<Answer>,
  ): Promise<Answer> {
    const { operations, recorder, faults } = this.#options;
    const read = options.read ?? ((message: TransportMessage) => message as Answer);
    const operation = operations.requestAt(subject);
    const sending = this.#patience.sending(options);
    if (operation === undefined) return await read(await this.#exchange(subject, body, options, sending));
    const fault = faults.take(operation.name);
    const headers = options.headers ?? MessageHeaders.empty;
    const requestId = headers.get(headerNames.requestId) ?? options.requestId;
    const data = await this.#read(body, headers, { subject, direction: "request", requestId });
    const recorded = recorder.recordRequest({
      operation: operation.name,
      subject,
      headers,
      data,
      bytes: body.length,
      fault: fault?.description,
    });
    try {
      const message = await this.#sendWithFault(operation, subject, body, options, sending, fault, requestId);
      return await this.#readAnswer(message, { subject, direction: "response", requestId }, read, recorded);
    } catch (error) {
      recorded.failed(error as MessagingError);
      throw error;
    }
  }

  async requestMany(
    subject: string,
    body: Uint8Array,
    options: TransportRequestManyOptions,
  ): Promise<TransportMessage[]> {
    const { inner, clock } = this.#options;
    const sending = this.#patience.sending(options);
    await this.#patience.untilBack(sending);
    return await inner.requestMany(subject, body, { ...options, timeoutMs: sending.expiresAt - clock.now() });
  }

  async publish(subject: string, body: Uint8Array, options: TransportPublishOptions): Promise<void> {
    await this.#publisher.publish(subject, body, options);
  }

  send(subject: string, body: Uint8Array, headers?: MessageHeaders): void {
    const { inner, presence } = this.#options;
    if (presence.isAway) throw lostError(undefined, false, "the broker is away");
    inner.send(subject, body, headers);
  }

  subscribe(subject: string, options: TransportSubscribeOptions): TransportSubscription {
    const { inner, presence } = this.#options;
    const subscription = new TestSubscription({
      presence,
      subscribe: () => inner.subscribe(subject, options),
      onGap: options.onGap,
      onEnd: () => this.#subscriptions.delete(subscription),
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async flush(timeoutMs: number): Promise<void> {
    const { inner, presence } = this.#options;
    if (presence.isAway) throw lostError(undefined, false, "the broker is away");
    await inner.flush(timeoutMs);
  }

  close(): Promise<void> {
    const { inner, onClose } = this.#options;
    this.#closing.abort(new Error("its connection was closed"));
    onClose(this);
    return inner.close();
  }

  /** The broker is lost. */
  lose(): void {
    for (const subscription of this.#subscriptions) subscription.lose();
  }

  /** The broker is back: resolves when it has every subscription again. */
  async restore(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.restore()));
  }

  /** Every subscription hears that messages may be missing. */
  tellGap(): void {
    for (const subscription of this.#subscriptions) subscription.tellGap();
  }

  async #sendWithFault(
    operation: RequestOperation,
    subject: string,
    body: Uint8Array,
    options: TransportRequestOptions<unknown>,
    sending: Sending,
    fault: Fault | undefined,
    requestId: string,
  ): Promise<TransportMessage> {
    if (fault?.error !== undefined) {
      const error = faultError(this.#options.contract, operation.name, fault.error);
      if (connectionCodes.has(error.code)) throw error;
      return await this.#errorAnswer(error, subject, requestId);
    }
    if (fault?.delayMs !== undefined) await this.#patience.pause(fault.delayMs, sending, false);
    if (fault?.drop === "request") await this.#patience.pause(Infinity, sending, true);
    const message = await this.#exchange(subject, body, options, sending);
    for (let copy = 0; copy < (fault?.copies ?? 0); copy++) {
      // Its answer, or that none came in time, is nobody's.
      await this.#exchange(subject, body, options, sending).catch(() => {});
    }
    if (fault?.delayAnswerMs !== undefined) await this.#patience.pause(fault.delayAnswerMs, sending, true);
    if (fault?.drop === "answer") await this.#patience.pause(Infinity, sending, true);
    return message;
  }

  async #readAnswer<Answer>(
    message: TransportMessage,
    binding: PayloadBinding,
    read: (message: TransportMessage) => Answer | PromiseLike<Answer>,
    recorded: RecordedRequest,
  ): Promise<Answer> {
    const headers = readHeaders(message.headerBlock);
    const data = await this.#read(message.body, headers, binding);
    const answer = await read(message);
    recorded.answered(data, headers, message.body.length);
    return answer;
  }

  /** Sends a request that waits for the broker where it is away, and ends with it where it is lost. */
  async #exchange(
    subject: string,
    body: Uint8Array,
    options: TransportRequestOptions<unknown>,
    sending: Sending,
  ): Promise<TransportMessage> {
    const { inner, presence, clock } = this.#options;
    await this.#patience.untilBack(sending);
    const { lost } = presence;
    const signal = options.signal === undefined ? lost : AbortSignal.any([options.signal, lost]);
    try {
      return await inner.request(subject, body, {
        ...options,
        timeoutMs: Math.max(0, sending.expiresAt - clock.now()),
        signal,
        read: copyOf,
      });
    } catch (error) {
      if (!isMessagingError(error, "CANCELLED") || !lost.aborted || options.signal?.aborted) throw error;
      throw lostError(options.operation, true, (lost.reason as Error).message);
    }
  }

  #read(body: Uint8Array, headers: MessageHeaders, binding: PayloadBinding): unknown {
    const { encryption, operations } = this.#options;
    if (encryption === undefined) return readData(body);
    return openData(encryption, body, headers, { ...binding, subject: operations.subjects.relative(binding.subject) });
  }

  /** What a service would answer with. */
  async #errorAnswer(error: MessagingError, subject: string, requestId: string): Promise<TransportMessage> {
    const { encryption, operations } = this.#options;
    const { headers, body } = encodeErrorReply(error, { showText: encryption === undefined });
    const message = { subject: "_INBOX.fault", replySubject: undefined };
    if (encryption === undefined) return { ...message, headerBlock: encodeHeaderBlock(headers), body };
    const relative = operations.subjects.relative(subject);
    const sealed = await encryption.seal(body, { subject: relative, direction: "response", requestId });
    const sealedHeaders = MessageHeaders.fromTrusted([...headers, [headerNames.encryption, sealed.header]]);
    return { ...message, headerBlock: encodeHeaderBlock(sealedHeaders), body: sealed.body };
  }
}

/** A message whose bytes are good for ever. */
function copyOf({ subject, replySubject, headerBlock, body }: TransportMessage): TransportMessage {
  return { subject, replySubject, headerBlock: headerBlock?.slice(), body: body.slice() };
}
