import { RawSocket } from "./raw-socket.ts";

/** How to open a stream. */
export interface EventSocketOptions {
  readonly token?: string;
  readonly lastEventId?: string;
  readonly address?: string;
}

/** An open event stream over a socket of its own; the events are read where they are asked for. */
export class EventSocket implements Disposable {
  readonly #socket: RawSocket;

  private constructor(socket: RawSocket) {
    this.#socket = socket;
  }

  /** Opens one; rejects where the answer is another than a stream. */
  static async open(port: number, query: string, options: EventSocketOptions = {}): Promise<EventSocket> {
    const { token, lastEventId, address = "127.0.0.1" } = options;
    const socket = await RawSocket.connect(port, { address });
    socket.write([
      `GET /trial/v1/events?${query} HTTP/1.1`,
      "Host: a",
      ...token === undefined ? [] : [`Authorization: Bearer ${token}`],
      ...lastEventId === undefined ? [] : [`Last-Event-ID: ${lastEventId}`],
      "\r\n",
    ].join("\r\n"));
    const text = await socket.until(/: ready\n\n|^HTTP\/1\.1 [^2][^]*\r\n\r\n[^]+/);
    if (!text.startsWith("HTTP/1.1 200 ")) {
      socket[Symbol.dispose]();
      throw new Error(`No stream but ${text.slice(0, 600)}`);
    }
    return new EventSocket(socket);
  }

  /** All that came. */
  get text(): string {
    return this.#socket.text;
  }

  /** When the other side ended it; not a number before. */
  get closedAt(): number {
    return this.#socket.closedAt;
  }

  /** Resolves when something matches what came, or when the stream has ended. */
  until(pattern: RegExp, limitMs?: number): Promise<string> {
    return this.#socket.until(pattern, limitMs);
  }

  /** Everything that stands behind this field's name, in order. */
  fields(name: string): readonly string[] {
    return [...this.text.matchAll(new RegExp(`^${name}: (.*)$`, "gm"))].map(([, value]) => value!);
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}
