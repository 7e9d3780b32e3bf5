import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** A TCP connection that writes what it is told, byte for byte, and keeps what comes. */
export class RawSocket implements Disposable {
  /** When it was connected. */
  connectedAt = Number.NaN;
  /** When the other side ended or broke it. */
  closedAt = Number.NaN;
  /** When the first byte came. */
  answeredAt = Number.NaN;
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #waiters: (() => void)[] = [];

  private constructor(socket: Socket, reads: boolean) {
    this.#socket = socket;
    socket.setNoDelay(true);
    // A connection that is broken off is what many of the experiments are about.
    socket.on("error", () => {});
    if (reads) {
      socket.on("data", (chunk: Buffer) => {
        if (Number.isNaN(this.answeredAt)) this.answeredAt = performance.now();
        this.#chunks.push(chunk);
        this.#wake();
      });
      socket.on("end", () => this.#end());
    }
    this.closed = new Promise((resolve) =>
      socket.once("close", () => {
        this.#end();
        resolve();
      })
    );
  }

  /** Connects. One that does not read leaves all that comes in the system's buffers. */
  static async connect(
    port: number,
    { address = "127.0.0.1", reads = true }: { readonly address?: string; readonly reads?: boolean } = {},
  ): Promise<RawSocket> {
    const socket = connect({ port, host: "127.0.0.1", localAddress: address });
    if (!reads) socket.pause();
    const raw = new RawSocket(socket, reads);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    raw.connectedAt = performance.now();
    return raw;
  }

  /** All that came so far, byte for character. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString("latin1");
  }

  /** How many bytes came so far. */
  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  /** How many bytes the system has taken from it. */
  get bytesSent(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  /** Whether the other side has ended it. */
  get isClosed(): boolean {
    return !Number.isNaN(this.closedAt);
  }

  /** Writes; tells whether the system takes more at once. */
  write(bytes: string | Uint8Array): boolean {
    if (this.isClosed || this.#socket.destroyed) return false;
    return this.#socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Resolves when the system takes more, or takes nothing more at all. */
  writable(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off("drain", done).off("close", done);
        resolve();
      };
      if (this.#socket.destroyed) done();
      else this.#socket.once("drain", done).once("close", done);
    });
  }

  /** Resolves when something matches what came, or when the connection has ended. */
  async until(pattern: RegExp, limitMs = 10_000): Promise<string> {
    await this.#wait(() => pattern.test(this.text), limitMs, String(pattern));
    return this.text;
  }

  /** Resolves when so many bytes have come, or when the connection has ended. */
  untilBytes(count: number, limitMs = 10_000): Promise<void> {
    return this.#wait(() => this.bytesRead >= count, limitMs, `${count} bytes`);
  }

  /** Resolves when the connection has ended, or after the time. */
  async closedWithin(limitMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([this.closed, new Promise((resolve) => timer = setTimeout(resolve, limitMs))]);
    clearTimeout(timer);
  }

  /** Breaks it off. */
  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  /** Says that nothing more will be written. */
  finish(): void {
    this.#socket.end();
  }

  async #wait(isThere: () => boolean, limitMs: number, what: string): Promise<void> {
    const end = performance.now() + limitMs;
    while (!isThere() && !this.isClosed) {
      const leftMs = end - performance.now();
      if (leftMs <= 0) throw new Error(`Waited ${limitMs} ms in vain for ${what} in ${this.text.slice(0, 500)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #end(): void {
    if (this.isClosed) return;
    this.closedAt = performance.now();
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
