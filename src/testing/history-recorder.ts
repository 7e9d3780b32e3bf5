import type { Contract } from "../contract/contract.ts";
import type { EventName, RequestName } from "../contract/infer.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { withResolvers } from "../transport/with-resolvers.ts";
import type { HistoryLimits, MessageHistory } from "./message-history.ts";
import { RecordedLog } from "./recorded-log.ts";
import type {
  EventOutcome,
  HistoryEntry,
  RequestOutcome,
  SentAnswer,
  SentAnswers,
  SentError,
  SentErrors,
  SentEvent,
  SentEvents,
  SentRequest,
  SentRequests,
} from "./sent-messages.ts";

/** A message on its way into a history. */
export interface RecordedMessage {
  readonly operation: string;
  readonly subject: string;
  readonly headers: MessageHeaders;
  readonly data: unknown;
  /** The size of the body as it travelled. */
  readonly bytes: number;
  readonly fault: string | undefined;
}

/** Ends a recorded request: with the answer, or with what its caller was told. */
export interface RecordedRequest {
  answered(data: unknown, headers: MessageHeaders, bytes: number): void;
  failed(error: MessagingError): void;
}

/** Ends a recorded event. */
export interface RecordedEvent {
  sent(): void;
  failed(error: MessagingError): void;
}

type AnyEntry = SentRequest | SentAnswer | SentError | SentEvent;

/** Writes a history. */
export class HistoryRecorder<C extends Contract = Contract> implements MessageHistory<C> {
  readonly requests: RecordedLog<SentRequests<C>>;
  readonly answers: RecordedLog<SentAnswers<C>>;
  readonly errors: RecordedLog<SentErrors<C>>;
  readonly events: RecordedLog<SentEvents<C>>;
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  #entries: { readonly entry: AnyEntry; readonly bytes: number }[] = [];
  #bytes = 0;
  #forgotten = 0;

  /** An empty history. @throws {TypeError} for limits that are none */
  constructor(contract: Contract, limits: HistoryLimits = {}) {
    this.#maxMessages = limits.maxMessages ?? 10_000;
    this.#maxBytes = limits.maxBytes ?? 32 * 1024 * 1024;
    for (const [name, value] of Object.entries({ maxMessages: this.#maxMessages, maxBytes: this.#maxBytes })) {
      if (!(Number.isFinite(value) && value > 0)) {
        throw new TypeError(`Cannot use \`${name}\`: a number over 0 is wanted, current value is ${String(value)}`);
      }
    }
    this.requests = this.#log("request", contract.requests.keys());
    this.answers = this.#log("answer", contract.requests.keys());
    this.errors = this.#log("error", contract.requests.keys());
    this.events = this.#log("event", contract.events.keys());
  }

  get entries(): readonly HistoryEntry<C>[] {
    return this.#entries.map(({ entry }) => entry as unknown as HistoryEntry<C>);
  }

  get forgotten(): number {
    return this.#forgotten;
  }

  clear(): void {
    this.#entries = [];
    this.#bytes = 0;
    this.#forgotten = 0;
  }

  /** Records a request. */
  recordRequest({ bytes, ...message }: RecordedMessage): RecordedRequest {
    const ends = withResolvers<RequestOutcome>();
    let outcome: RequestOutcome = { status: "pending" };
    const request: SentRequest = {
      kind: "request",
      ...message,
      operation: message.operation as RequestName<Contract>,
      get outcome() {
        return outcome;
      },
      settled: ends.promise,
    };
    const { operation, subject } = request;
    const settle = (settled: RequestOutcome): void => ends.resolve(outcome = settled);
    this.#add(request, bytes);
    return {
      answered: (data, headers, answerBytes) => {
        settle({ status: "answered", data });
        this.#add({ kind: "answer", operation, subject, headers, data, request }, answerBytes);
      },
      failed: (error) => {
        settle({ status: "failed", error });
        this.#add({ kind: "error", operation, subject, headers: MessageHeaders.empty, error, request }, 0);
      },
    };
  }

  /** Records an event. */
  recordEvent({ bytes, ...message }: RecordedMessage): RecordedEvent {
    let outcome: EventOutcome = { status: "pending" };
    const event: SentEvent = {
      kind: "event",
      ...message,
      operation: message.operation as EventName<Contract>,
      get outcome() {
        return outcome;
      },
    };
    this.#add(event, bytes);
    return {
      sent: () => {
        outcome = { status: "sent" };
      },
      failed: (error) => {
        outcome = { status: "failed", error };
      },
    };
  }

  #add(entry: AnyEntry, bytes: number): void {
    this.#entries.push({ entry, bytes });
    this.#bytes += bytes;
    while (this.#entries.length > this.#maxMessages || (this.#bytes > this.#maxBytes && this.#entries.length > 1)) {
      this.#bytes -= this.#entries.shift()!.bytes;
      this.#forgotten += 1;
    }
    const log = { request: this.requests, answer: this.answers, error: this.errors, event: this.events }[entry.kind];
    log.tell(entry);
  }

  #log<Log>(kind: AnyEntry["kind"], names: Iterable<string>): Log {
    return new RecordedLog({
      kind,
      names,
      messages: () => this.#entries.flatMap(({ entry }) => entry.kind === kind ? [entry] : []),
      forgotten: () => this.#forgotten,
    }) as Log;
  }
}
