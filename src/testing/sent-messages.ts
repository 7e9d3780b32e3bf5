import type { Contract } from "../contract/contract.ts";
import type { EventName, InferContract, RequestName } from "../contract/infer.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import type { MessageHeaders } from "../message/message-headers.ts";

/** What every recorded message tells. */
export interface SentMessage {
  /** The operation's name in the contract. */
  readonly operation: string;
  /** Where it went; of an answer and an error, where their request went. */
  readonly subject: string;
  /** The headers that travelled. */
  readonly headers: MessageHeaders;
}

/** A request that was sent, each attempt by itself. */
export interface SentRequest<C extends Contract = Contract, Name extends RequestName<C> = RequestName<C>>
  extends SentMessage {
  /** Tells it from other messages. */
  readonly kind: "request";
  /** The request's name in the contract. */
  readonly operation: Name;
  /** What travelled: the schema's input; the bytes themselves where they are not JSON. */
  readonly data: InferContract<C>["requests"][Name]["input"];
  /** What was done to it on purpose; `undefined` where nothing was. */
  readonly fault: string | undefined;
  /** What became of it by now. */
  readonly outcome: RequestOutcome<InferContract<C>["requests"][Name]["returned"]>;
  /** What became of it in the end; it settles with the request, at its deadline at the latest, and never rejects. */
  readonly settled: Promise<RequestOutcome<InferContract<C>["requests"][Name]["returned"]>>;
}

/** What became of a request. */
export type RequestOutcome<Data = unknown> =
  | { readonly status: "pending" }
  | { readonly status: "answered"; readonly data: Data }
  | { readonly status: "failed"; readonly error: MessagingError };

/** An answer to a request. */
export interface SentAnswer<C extends Contract = Contract, Name extends RequestName<C> = RequestName<C>>
  extends SentMessage {
  /** Tells it from other messages. */
  readonly kind: "answer";
  /** The request's name in the contract. */
  readonly operation: Name;
  /** What travelled: the response schema's input. */
  readonly data: InferContract<C>["requests"][Name]["returned"];
  /** What it is the answer to. */
  readonly request: SentRequest<C, Name>;
}

/** A request's failure, as its caller was told: by the service, by the broker or by the connection. */
export interface SentError<C extends Contract = Contract, Name extends RequestName<C> = RequestName<C>>
  extends SentMessage {
  /** Tells it from other messages. */
  readonly kind: "error";
  /** The request's name in the contract. */
  readonly operation: Name;
  /** What the caller was told. */
  readonly error: MessagingError;
  /** What failed. */
  readonly request: SentRequest<C, Name>;
}

/** An event that was broadcast. */
export interface SentEvent<C extends Contract = Contract, Name extends EventName<C> = EventName<C>>
  extends SentMessage {
  /** Tells it from other messages. */
  readonly kind: "event";
  /** The event's name in the contract. */
  readonly operation: Name;
  /** What travelled: the schema's input; the bytes themselves where they are not JSON. */
  readonly data: InferContract<C>["events"][Name]["input"];
  /** What was done to it on purpose; `undefined` where nothing was. */
  readonly fault: string | undefined;
  /** What became of it by now. */
  readonly outcome: EventOutcome;
}

/** What became of a broadcast. */
export type EventOutcome =
  | { readonly status: "pending" }
  | { readonly status: "sent" }
  | { readonly status: "failed"; readonly error: MessagingError };

/** Any message of a history. */
export type HistoryEntry<C extends Contract = Contract> =
  | { [Name in RequestName<C>]: SentRequest<C, Name> | SentAnswer<C, Name> | SentError<C, Name> }[RequestName<C>]
  | { [Name in EventName<C>]: SentEvent<C, Name> }[EventName<C>];

/** The requests of a history by name. */
export type SentRequests<C extends Contract> = { readonly [Name in RequestName<C>]: SentRequest<C, Name> };

/** The answers of a history by the request's name. */
export type SentAnswers<C extends Contract> = { readonly [Name in RequestName<C>]: SentAnswer<C, Name> };

/** The errors of a history by the request's name. */
export type SentErrors<C extends Contract> = { readonly [Name in RequestName<C>]: SentError<C, Name> };

/** The events of a history by name. */
export type SentEvents<C extends Contract> = { readonly [Name in EventName<C>]: SentEvent<C, Name> };
