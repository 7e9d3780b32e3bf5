import { connect, type Socket } from "node:net";

/** A connection to an HTTP server that sends what no client would. */
export class RawHttp implements Disposable {
  /** All that came back so far. */
  received = "";
  /** Resolves when the server has closed it, or it was reset. */
  readonly closed: Promise<void>;
  /** Whether it is closed. */
  isClosed = false;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.received += chunk.toString("latin1"));
    socket.on("error", () => {});
    this.closed = new Promise((resolve) =>
      socket.once("close", () => {
        this.isClosed = true;
        resolve();
      })
    );
  }

  /** Connects. */
  static open(port: number): Promise<RawHttp> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => resolve(new RawHttp(socket)));
      socket.once("error", reject);
    });
  }

  /** Sends text, a byte for each character. */
  write(text: string): void {
    this.#socket.write(text, "latin1");
  }

  /** Reads nothing more. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads on. */
  resume(): void {
    this.#socket.resume();
  }

  /** The status of the first answer; `undefined` while there is none. */
  get status(): number | undefined {
    const status = /^HTTP\/1\.1 (\d+)/.exec(this.received)?.[1];
    return status === undefined ? undefined : Number(status);
  }

  /** Leaves without a word. */
  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
