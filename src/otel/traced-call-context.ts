import type { MessageHeaders } from "../message/message-headers.ts";

/** As much of a call's context as telemetry reads: clients, servers and gateways all have it. */
export interface TracedCallContext {
  /** The headers that go or came with the message. */
  readonly headers: MessageHeaders;
  /** The call that this one is made for. */
  readonly parent?: { readonly traceparent?: string | undefined } | undefined;
  /** How often a request has been sent by now. */
  readonly attempts?: number;
  /**
   * Sets a header of a message that is not sent yet.
   *
   * @throws {MessagingError} `INVALID_REQUEST` for a name or value that cannot travel
   */
  setHeader?(name: string, value: string): void;
}
