import type { MessageHeaders } from "../message/message-headers.ts";

/** What a handler knows of a stored event beside its data. */
export interface StoredEventContext {
  /** The event's name in the contract. */
  readonly event: string;
  /** Where it was published, also where it is sent again. */
  readonly subject: string;
  /** The values of its subject parameters, as text. */
  readonly params: Readonly<Record<string, string>>;
  /** The headers that came with it. */
  readonly headers: MessageHeaders;
  /** Always 0: what is stored is not dropped. */
  readonly missed: number;
  /** The same for every delivery of one event, also when it is sent again from the dead letters: what an inbox keeps. */
  readonly id: string;
  /** The name of the subscription that handles it; `undefined` in a replay. */
  readonly durable: string | undefined;
  /** Its number in the stream, from 1. */
  readonly sequence: number;
  /** How often it has been delivered to this durable subscription, this time included: from 1. */
  readonly attempt: number;
  /** Whether a handler may have seen it before. */
  readonly redelivered: boolean;
  /** When the stream took it. */
  readonly publishedAt: Date;
}
