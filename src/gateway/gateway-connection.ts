import type { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import type { Transport, TransportConnection } from "../transport/transport.ts";

/** How long a failure to connect stands, in milliseconds: callers must not be able to make the gateway dial without pause. */
const failureStandsMs = 250;

/** A gateway's share of its transport: joined once, whoever waits for it, and given back once. */
export class GatewayConnection {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #asks: boolean;
  #current: TransportConnection | undefined;
  #opening: Promise<TransportConnection> | undefined;
  #giveUp = new AbortController();
  #failure: { readonly error: unknown; readonly at: number } | undefined;

  /** Not joined yet; `asks` where requests go through it, and not events alone. */
  constructor(transport: Transport, clock: Clock, asks: boolean) {
    this.#transport = transport;
    this.#clock = clock;
    this.#asks = asks;
  }

  /** The connection, where there is one. */
  get current(): TransportConnection | undefined {
    return this.#current;
  }

  /** Whether messages can travel now. */
  get isConnected(): boolean {
    return this.#current !== undefined && this.#transport.status === "connected";
  }

  /** Why no service's answer can come; `undefined` where one can, as far as is known. */
  get answersRefusal(): MessagingError | undefined {
    return this.#asks ? this.#current?.answersRefusal?.() : undefined;
  }

  /** Joins; some time after a failure the next one tries anew. @throws {MessagingError} what the transport says */
  open(): Promise<TransportConnection> {
    if (this.#current !== undefined) return Promise.resolve(this.#current);
    const failure = this.#failure;
    if (failure !== undefined && this.#clock.now() - failure.at < failureStandsMs) return Promise.reject(failure.error);
    return this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
  }

  /** Leaves; never rejects. */
  async close(): Promise<void> {
    this.#giveUp.abort(new Error("the gateway was stopped"));
    this.#giveUp = new AbortController();
    await this.#opening?.catch(() => {});
    this.#failure = undefined;
    const connection = this.#current;
    this.#current = undefined;
    await connection?.close();
  }

  async #open(): Promise<TransportConnection> {
    try {
      this.#current = await this.#transport.open({ signal: this.#giveUp.signal });
      return this.#current;
    } catch (error) {
      this.#failure = { error, at: this.#clock.now() };
      throw error;
    }
  }
}
