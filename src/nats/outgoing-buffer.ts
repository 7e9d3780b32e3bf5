const encoder = new TextEncoder();
const smallestBytes = 1024;
const lineEnd = "\r\n";

/** Protocol frames on their way out, written one after another into one piece of memory. */
export class OutgoingBuffer {
  #bytes = new Uint8Array(smallestBytes);
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /** Writes a line such as `PING`. */
  writeLine(line: string): void {
    this.#reserve(line.length * 3 + 2);
    this.#writeText(line);
    this.#writeText(lineEnd);
  }

  /** Writes a message: `PUB`, or `HPUB` where it has headers. All of its names are ASCII and checked before. */
  writeMessage(
    subject: string,
    replySubject: string | undefined,
    headerBlock: Uint8Array | undefined,
    body: Uint8Array,
  ): void {
    const reply = replySubject === undefined ? "" : `${replySubject} `;
    const line = headerBlock === undefined
      ? `PUB ${subject} ${reply}${body.length}\r\n`
      : `HPUB ${subject} ${reply}${headerBlock.length} ${headerBlock.length + body.length}\r\n`;
    this.#reserve(line.length + (headerBlock?.length ?? 0) + body.length + 2);
    this.#writeText(line);
    if (headerBlock !== undefined) this.#writeBytes(headerBlock);
    this.#writeBytes(body);
    this.#writeText(lineEnd);
  }

  /** Gives what waits; the memory is the taker's from then on. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(Math.max(smallestBytes, this.#length));
    this.#length = 0;
    return taken;
  }

  #writeText(text: string): void {
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  #writeBytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
