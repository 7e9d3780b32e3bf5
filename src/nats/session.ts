import { MessagingError } from "../errors/messaging-error.ts";
import { type BrokerError, connectionError, parseBrokerError } from "./broker-error.ts";
import { type BrokerInfo, connectFields, parseBrokerInfo } from "./connect-fields.ts";
import { awayError, closedError, lostEarlyError, lostError, openingError } from "./connection-errors.ts";
import { type Confirmable, Confirmations } from "./confirmations.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Link } from "./link.ts";
import { OutgoingBuffer } from "./outgoing-buffer.ts";
import { refusePlaintextCredentials } from "./plaintext-credentials.ts";
import { ProtocolReader } from "./protocol-reader.ts";
import type { ServerAddress } from "./server-address.ts";
import type { SessionOptions } from "./session-options.ts";

/** As much as is sent at once; less waits for what else is written in the same turn. */
const flushBytes = 64 * 1024;

/**
 * One physical connection, from dial to end: it never reconnects. It takes nothing but the byte stream from the @nats-io
 * packages: nats-core's connection ends its read loop for good when a callback throws or a peer's header is malformed,
 * and keeps its kind of transport in a variable of the whole process (3.4.0, `protocol.ts`, `transport.ts`).
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #outgoing = new OutgoingBuffer();
  readonly #confirmations = new Confirmations();
  readonly #reader = new ProtocolReader({
    onMessage: (message) => this.#options.events.onMessage(message),
    onInfo: (json) => {
      this.#info = parseBrokerInfo(json);
      if (this.#state === "open") this.#options.events.onInfo(this.#info);
      else this.#wakeHandshake();
    },
    onError: (text) => this.#refused(parseBrokerError(text)),
    onPing: () => this.writeLine("PONG"),
    onPong: () => this.#confirmations.answered(),
  });
  #link: Link | undefined;
  #info: BrokerInfo | undefined;
  #state: "opening" | "open" | "over" = "opening";
  #failure: MessagingError | undefined;
  #wakeHandshake: () => void = () => {};
  #flushQueued = false;
  #isSilent = false;
  #bytesSent = 0;
  #heartbeat: Heartbeat | undefined;

  private constructor(options: SessionOptions) {
    this.#options = options;
  }

  /**
   * Dials, encrypts, introduces itself and waits until the broker has taken it in.
   *
   * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `UNSUPPORTED`, `CANCELLED` by the signal
   */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    const limit = new AbortController();
    const onAbort = (): void => limit.abort(options.signal.reason);
    if (options.signal.aborted) onAbort();
    options.signal.addEventListener("abort", onAbort, { once: true });
    const timer = options.clock.after(options.timeoutMs, () => {
      limit.abort(new Error(`no connection within ${options.timeoutMs} ms`));
    });
    limit.signal.addEventListener("abort", () => session.#wakeHandshake(), { once: true });
    try {
      await session.#handshake(limit.signal);
      return session;
    } catch (error) {
      session.close();
      throw session.#failure ?? openingError(options.server, error);
    } finally {
      timer.cancel();
      options.signal.removeEventListener("abort", onAbort);
    }
  }

  /** Whether it can be used. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** What the broker said of itself, newest. */
  get info(): BrokerInfo {
    return this.#info!;
  }

  /** Where it goes to. */
  get server(): ServerAddress {
    return this.#options.server;
  }

  /** When its credentials end, in milliseconds since 1970; `undefined` where they do not say. */
  get expiresAt(): number | undefined {
    return this.#options.authentication.expiresAt;
  }

  /** Bytes sent that the broker has not yet shown to have read. */
  get unconfirmedBytes(): number {
    return this.#bytesSent + this.#outgoing.length - this.#confirmations.bytesConfirmed;
  }

  /** Why this caller may not use it, now or after its end; `undefined` where it may. */
  refusal(operation: string | undefined): MessagingError | undefined {
    return this.#link?.refusal?.(operation);
  }

  /** Sends a protocol line. */
  writeLine(line: string): void {
    this.#outgoing.writeLine(line);
    this.#queueFlush();
  }

  /** Sends a message whose names were checked before. */
  writeMessage(
    subject: string,
    replySubject: string | undefined,
    headerBlock: Uint8Array | undefined,
    body: Uint8Array,
  ): void {
    this.#outgoing.writeMessage(subject, replySubject, headerBlock, body);
    // Collected for a whole turn, large messages would be copied again and again into ever larger memory.
    if (this.#outgoing.length > flushBytes) this.#flush();
    else this.#queueFlush();
  }

  /**
   * Resolves when the broker has read all that was written so far; all calls of one turn share one question.
   *
   * @throws {MessagingError} `DISCONNECTED` when the session ends first
   */
  confirm(): Promise<void> {
    if (this.#state === "over") return Promise.reject(this.#failure ?? closedError());
    this.#queueFlush();
    return this.#confirmations.next();
  }

  /** The same, for many: each is told by itself. */
  tellConfirmed(waiting: Confirmable): void {
    if (this.#state === "over") return waiting.reject(this.#failure ?? closedError());
    this.#queueFlush();
    this.#confirmations.tell(waiting);
  }

  /** Whether the broker has said nothing since somebody lost patience with it. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** The same, with patience that ends. @throws {MessagingError} `DISCONNECTED` */
  confirmWithin(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(timeoutMs, () => {
        this.#isSilent = true;
        reject(awayError());
      });
      this.confirm().then(resolve, reject).finally(() => timer.cancel());
    });
  }

  /** Ends it at once. */
  close(): void {
    this.#end(closedError(), false);
  }

  async #handshake(signal: AbortSignal): Promise<void> {
    const { dial, server, authentication } = this.#options;
    const encrypted = server.encrypted || authentication.tls !== undefined;
    const link = await dial(server, { tls: authentication.tls, signal }, {
      onBytes: (bytes) => this.#parse(bytes),
      onClose: (error) => {
        const early = this.#state === "opening";
        this.#end(early ? lostEarlyError(server, error, this.#link?.encrypted === true) : lostError(error), true);
      },
    });
    this.#link = link;
    if (signal.aborted || this.#state === "over") {
      link.close();
      throw signal.reason;
    }
    // The socket itself says whether it is encrypted: an INFO in plain text can be made to say anything.
    if (encrypted && !link.encrypted) throw new Error("the connection is not encrypted, although TLS was asked for");
    if (!this.#options.dangerouslyAllowPlaintext) refusePlaintextCredentials(authentication.credentials, link, server);
    await this.#until(signal, () => this.#info !== undefined);
    if (!this.info.headers) {
      throw new MessagingError(
        "UNSUPPORTED",
        `The broker at ${server.url} carries no headers: nats-server 2.2 or newer is needed`,
      );
    }
    const fields = await connectFields(authentication, this.info.nonce, link.encrypted, this.#options.name);
    this.writeLine(`CONNECT ${JSON.stringify(fields)}`);
    let greeted = false;
    this.confirm().then(() => {
      greeted = true;
      this.#wakeHandshake();
    }, () => {});
    await this.#until(signal, () => greeted);
    this.#state = "open";
    const { clock, pingIntervalMs, maxPingsOut } = this.#options;
    this.#heartbeat = new Heartbeat({
      clock,
      intervalMs: pingIntervalMs,
      maxSilent: maxPingsOut,
      ask: () => void this.confirm().catch(() => {}),
      onSilent: (silentMs) => this.#end(lostError(new Error(`the broker said nothing for ${silentMs} ms`)), true),
    });
  }

  async #until(signal: AbortSignal, condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#failure !== undefined) throw this.#failure;
      if (signal.aborted) throw signal.reason;
      await new Promise<void>((resolve) => {
        this.#wakeHandshake = resolve;
      });
    }
  }

  #parse(bytes: Uint8Array): void {
    if (this.#state === "over") return;
    this.#heartbeat?.heard();
    this.#isSilent = false;
    try {
      this.#reader.read(bytes);
    } catch (error) {
      // A byte went wrong on the way: what follows cannot be trusted, so the connection is made anew.
      this.#end(lostError(error as Error), true);
    }
  }

  #refused(error: BrokerError): void {
    if (
      this.#state === "open" && (error.kind === "publish-denied" || error.kind === "subscribe-denied" ||
        error.kind === "subscription-limit")
    ) {
      return this.#options.events.onRefusal(error);
    }
    // The broker closes after any other error; its reason is better than the socket's.
    this.#end(connectionError(error), true);
  }

  #queueFlush(): void {
    if (this.#flushQueued || this.#link === undefined) return;
    this.#flushQueued = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushQueued = false;
    if (this.#state === "over" || this.#link === undefined) return;
    if (this.#confirmations.ask(this.#bytesSent + this.#outgoing.length)) this.#outgoing.writeLine("PING");
    if (this.#outgoing.length === 0) return;
    this.#bytesSent += this.#outgoing.length;
    this.#link.send(this.#outgoing.take());
  }

  #end(error: MessagingError, tell: boolean): void {
    if (this.#state === "over") return;
    const wasOpen = this.#state === "open";
    this.#state = "over";
    if (tell) this.#failure = error;
    this.#heartbeat?.stop();
    this.#link?.close();
    this.#confirmations.end(error);
    this.#wakeHandshake();
    if (tell && wasOpen) this.#options.events.onLost(error);
  }
}
