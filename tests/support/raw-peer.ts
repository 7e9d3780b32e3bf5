import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** A message as it came over the wire. */
export interface RawMessage {
  readonly subject: string;
  readonly replySubject: string | undefined;
  /** The header block as text, byte for character; absent where the message has none. */
  readonly header: string | undefined;
  readonly body: Buffer;
}

/** What a raw message is made of; nothing of it is checked. */
export interface RawPublishOptions {
  readonly replySubject?: string;
  /** The whole header block: `NATS/1.0\r\n…\r\n\r\n` where it shall be a sound one. */
  readonly header?: string | Uint8Array;
}

const noBody = Buffer.alloc(0);

/** A NATS client that writes its frames by hand and checks nothing, so that it can send what no library would. */
export class RawPeer {
  /** What the broker complained about. */
  readonly errors: string[] = [];
  readonly #socket: Socket;
  readonly #onMessage = new Map<number, (message: RawMessage) => void>();
  readonly #pongs: (() => void)[] = [];
  #buffer: Buffer = noBody;
  #wanted = 0;
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // Small writes of one turn would else wait 40 ms for each other's acknowledgement.
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => this.errors.push(error.message));
  }

  /** Connects, introduces itself with these fields besides the usual ones, and waits for the broker's `PONG`. */
  static async connect(port: number, fields: Readonly<Record<string, unknown>> = {}): Promise<RawPeer> {
    const peer = new RawPeer(connect(port, "127.0.0.1"));
    const introduction = { verbose: false, headers: true, no_responders: true, protocol: 1, ...fields };
    peer.write(`CONNECT ${JSON.stringify(introduction)}\r\n`);
    await peer.flush();
    return peer;
  }

  /** Sends bytes as they are. */
  write(...parts: readonly (string | Uint8Array)[]): void {
    this.#socket.write(Buffer.concat(parts.map((part) => typeof part === "string" ? Buffer.from(part) : part)));
  }

  /** Sends a message, whatever its subject, reply subject and header block are. */
  publish(subject: string, body: string | Uint8Array = "", options: RawPublishOptions = {}): void {
    const reply = options.replySubject === undefined ? "" : `${options.replySubject} `;
    const bytes = Buffer.from(body as Uint8Array);
    if (options.header === undefined) {
      return this.write(`PUB ${subject} ${reply}${bytes.length}\r\n`, bytes, "\r\n");
    }
    const header = Buffer.from(options.header as Uint8Array);
    const sizes = `${header.length} ${header.length + bytes.length}`;
    this.write(`HPUB ${subject} ${reply}${sizes}\r\n`, header, bytes, "\r\n");
  }

  /** Listens; resolves when the broker has it. */
  async subscribe(subject: string, onMessage: (message: RawMessage) => void): Promise<void> {
    const id = ++this.#lastId;
    this.#onMessage.set(id, onMessage);
    this.write(`SUB ${subject} ${id}\r\n`);
    await this.flush();
  }

  /** Sends a message and waits for the first answer to it. */
  async request(
    subject: string,
    body: string | Uint8Array = "",
    header?: string | Uint8Array,
    replySubject: string = `_INBOX.raw${Math.random().toString(36).slice(2)}.${this.#lastId + 1}`,
  ): Promise<RawMessage> {
    const answer = new Promise<RawMessage>((resolve) => void this.subscribe(replySubject, resolve));
    this.publish(subject, body, { replySubject, ...(header === undefined ? {} : { header }) });
    return await answer;
  }

  /** Resolves when the broker has read all that was sent. */
  flush(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.#pongs.push(resolve));
    this.write("PING\r\n");
    return answered;
  }

  /** Ends the connection at once. */
  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #read(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= this.#wanted && this.#readFrame());
  }

  #readFrame(): boolean {
    const end = this.#buffer.indexOf("\r\n");
    if (end < 0) return false;
    const line = this.#buffer.toString("latin1", 0, end);
    const [verb = "", ...words] = line.split(" ");
    if (verb !== "MSG" && verb !== "HMSG") {
      this.#skip(end + 2);
      this.#readLine(verb, line);
      return true;
    }
    const bytes = Number(words.pop());
    this.#wanted = end + 2 + bytes + 2;
    if (this.#buffer.length < this.#wanted) return false;
    const headerBytes = verb === "HMSG" ? Number(words.pop()) : 0;
    const start = end + 2;
    const message: RawMessage = {
      subject: words[0]!,
      replySubject: words[2],
      header: verb === "HMSG" ? this.#buffer.toString("latin1", start, start + headerBytes) : undefined,
      body: this.#buffer.subarray(start + headerBytes, start + bytes),
    };
    this.#skip(this.#wanted);
    this.#wanted = 0;
    this.#onMessage.get(Number(words[1]))?.(message);
    return true;
  }

  #readLine(verb: string, line: string): void {
    if (verb === "PING") this.write("PONG\r\n");
    else if (verb === "PONG") this.#pongs.shift()?.();
    else if (verb === "-ERR") this.errors.push(line.slice(5));
  }

  #skip(bytes: number): void {
    this.#buffer = this.#buffer.subarray(bytes);
  }
}
