const encoder = new TextEncoder();
const smallestBytes = 1024;
/** Several flushes of 64 KiB: what waits is copied each time that the memory is full. */
const largestBytes = 256 * 1024;
const lineEnd = "\r\n";

/**
 * Protocol frames on their way out, written one after another into one piece of memory, and taken from it piece by piece
 * until it is full: memory for each flush would cost more than what is written into it.
 */
export class OutgoingBuffer {
  #bytes = new Uint8Array(smallestBytes);
  /** Where what waits begins; what is before it was taken. */
  #start = 0;
  #end = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Writes a line such as `PING`, whatever is in it. */
  writeLine(line: string): void {
    const bytes = encoder.encode(line);
    this.#reserve(bytes.length + 2);
    this.#writeBytes(bytes);
    this.#writeAscii(lineEnd);
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
    this.#writeAscii(line);
    if (headerBlock !== undefined) this.#writeBytes(headerBlock);
    this.#writeBytes(body);
    this.#writeAscii(lineEnd);
  }

  /** Gives what waits; those bytes are the taker's from then on. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    // What one large message needed is not kept for the small ones after it.
    if (this.#bytes.length > largestBytes) {
      this.#bytes = new Uint8Array(smallestBytes);
      this.#start = this.#end = 0;
    }
    return taken;
  }

  // For lines of a hundred characters a loop is twice as fast as `encodeInto`, which wants a view made for it.
  #writeAscii(text: string): void {
    const bytes = this.#bytes;
    let end = this.#end;
    for (let index = 0; index < text.length; index++) bytes[end++] = text.charCodeAt(index);
    this.#end = end;
  }

  #writeBytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const waiting = this.#bytes.subarray(this.#start, this.#end);
    const usual = Math.min(largestBytes, this.#bytes.length * 2);
    this.#bytes = new Uint8Array(Math.max(usual, waiting.length * 2, waiting.length + more));
    this.#bytes.set(waiting);
    this.#start = 0;
    this.#end = waiting.length;
  }
}
