import type { Transport, TransportConnection } from "../transport/transport.ts";

/** A gateway's share of its transport: joined once, whoever waits for it, and given back once. */
export class GatewayConnection {
  readonly #transport: Transport;
  #current: TransportConnection | undefined;
  #opening: Promise<TransportConnection> | undefined;
  #giveUp = new AbortController();

  /** Not joined yet. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The connection, where there is one. */
  get current(): TransportConnection | undefined {
    return this.#current;
  }

  /** Whether messages can travel now. */
  get isConnected(): boolean {
    return this.#current !== undefined && this.#transport.status === "connected";
  }

  /** Joins; after a failure the next one tries anew. @throws {MessagingError} what the transport says */
  open(): Promise<TransportConnection> {
    if (this.#current !== undefined) return Promise.resolve(this.#current);
    return this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
  }

  /** Leaves; never rejects. */
  async close(): Promise<void> {
    this.#giveUp.abort(new Error("the gateway was stopped"));
    this.#giveUp = new AbortController();
    await this.#opening?.catch(() => {});
    const connection = this.#current;
    this.#current = undefined;
    await connection?.close();
  }

  async #open(): Promise<TransportConnection> {
    return this.#current = await this.#transport.open({ signal: this.#giveUp.signal });
  }
}
