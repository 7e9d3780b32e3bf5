import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { StatusBoard } from "../transport/status-board.ts";
import type { ConnectionStatus, StatusListener, Transport, TransportConnection } from "../transport/transport.ts";
import { SharedResource } from "../transport/shared-resource.ts";
import { tellWait } from "../transport/tell-wait.ts";

/** What a client's connection is made of. */
export interface ClientConnectionOptions {
  /** How messages travel. */
  readonly transport: Transport;
  /** Hears why there is no connection yet, and what status listeners throw. */
  readonly logger: Logger;
  /** Looks at the connection before the client has it; what it throws closes the connection. */
  readonly check: ((connection: TransportConnection, signal: AbortSignal) => Promise<void>) | undefined;
  /** The connection is there. */
  readonly onOpen: (connection: TransportConnection) => void;
  /** The client is about to leave, and still connected: what it waits for, bounded, never rejects. */
  readonly onLeaving: () => Promise<unknown> | undefined;
  /** The client has left. */
  readonly onLeave: () => void;
}

/** A client's share of its transport: joined by `connect`, however many call it, and given back by `disconnect`. */
export class ClientConnection {
  readonly #options: ClientConnectionOptions;
  readonly #board: StatusBoard;
  readonly #shared: SharedResource<TransportConnection>;
  #current: TransportConnection | undefined;
  #leave: (() => Promise<void>) | undefined;
  #stopMirror: (() => void) | undefined;
  #untilLeaving = new AbortController();
  #disconnecting: Promise<void> | undefined;

  /** Not connected yet. */
  constructor(options: ClientConnectionOptions) {
    this.#options = options;
    this.#board = new StatusBoard((error) => options.logger.error("A status listener threw", { error }));
    this.#shared = new SharedResource({
      open: (signal) => this.#open(signal),
      close: (connection) => {
        // A connection that came in the moment of `disconnect` is not kept.
        if (this.#current === connection) this.#forget();
        return connection.close();
      },
    });
  }

  /** The state now. */
  get status(): ConnectionStatus {
    return this.#board.status;
  }

  /** The connection. @throws {MessagingError} `DISCONNECTED` where there is none */
  get current(): TransportConnection {
    if (this.#current !== undefined) return this.#current;
    throw new MessagingError(
      "DISCONNECTED",
      this.status === "closed" ? "The client was disconnected" : "The client is not connected: await connect() first",
      { execution: "not-executed" },
    );
  }

  /** Aborts at the next `disconnect()`. */
  get leaving(): AbortSignal {
    return this.#untilLeaving.signal;
  }

  /** Hears of changes. */
  onStatus(listener: StatusListener): () => void {
    return this.#board.listen(listener);
  }

  /** Connects once, whoever calls; a signal ends its own caller's wait. */
  async connect(signal?: AbortSignal): Promise<void> {
    // Taken before anything is awaited: a disconnect() that follows at once ends this call too.
    const ended = this.#untilLeaving.signal;
    await this.#disconnecting;
    if (this.#current !== undefined) return;
    const { leave } = await this.#shared.join(signal === undefined ? ended : AbortSignal.any([signal, ended]));
    // Those who waited together share one place; the first to arrive holds it.
    if (this.#leave === undefined && !ended.aborted) this.#leave = leave;
    else void leave();
  }

  /** Leaves. */
  disconnect(): Promise<void> {
    return this.#disconnecting ??= this.#disconnect().finally(() => {
      this.#disconnecting = undefined;
    });
  }

  async #open(signal: AbortSignal): Promise<TransportConnection> {
    const { transport, logger, check, onOpen } = this.#options;
    this.#board.set("connecting");
    const stopTelling = tellWait({ transport, board: this.#board, logger, who: "client" });
    try {
      const connection = await transport.open({ signal });
      stopTelling();
      await check?.(connection, signal).catch(async (error: unknown) => {
        await connection.close();
        throw error;
      });
      this.#current = connection;
      this.#stopMirror = transport.onStatus((status, error) => this.#board.set(status, error));
      onOpen(connection);
      this.#board.set(transport.status);
      return connection;
    } catch (error) {
      stopTelling();
      // One that disconnect() gave up is closed already.
      if (this.#board.status === "connecting") this.#board.set("disconnected", error as Error);
      throw error;
    }
  }

  async #disconnect(): Promise<void> {
    const settling = this.#options.onLeaving();
    if (settling !== undefined) await settling;
    this.#untilLeaving.abort(new Error("the client was disconnected"));
    this.#untilLeaving = new AbortController();
    this.#forget();
    const leave = this.#leave;
    this.#leave = undefined;
    await leave?.();
    this.#board.set("closed");
  }

  #forget(): void {
    this.#stopMirror?.();
    this.#current = undefined;
    this.#options.onLeave();
    this.#board.set("closed");
  }
}
