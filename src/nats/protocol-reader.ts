import type { IncomingMessage } from "./incoming-message.ts";

/** What a protocol reader finds, in the order it came. */
export interface ProtocolEvents {
  /** `MSG` or `HMSG`. */
  onMessage(message: IncomingMessage): void;
  /** `INFO`, its JSON. */
  onInfo(json: string): void;
  /** `-ERR`, its text. */
  onError(text: string): void;
  /** `PING`. */
  onPing(): void;
  /** `PONG`. */
  onPong(): void;
}

/** An `INFO` lists a cluster's addresses; nothing else comes near this. */
const maximumLineBytes = 1024 * 1024;
/** The most that a broker can be set to. */
const maximumMessageBytes = 64 * 1024 * 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const decoder = new TextDecoder();

interface MessageHead {
  readonly subscriptionId: number;
  readonly subject: Uint8Array;
  readonly replySubject: Uint8Array | undefined;
  readonly headerBytes: number;
  readonly totalBytes: number;
}

/**
 * Reads the broker's half of the NATS protocol from chunks that may end anywhere. Where a message lies whole in a chunk,
 * its bytes are views of it.
 *
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
export class ProtocolReader {
  readonly #events: ProtocolEvents;
  /** The start of a line or a payload whose end has not come yet. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #head: MessageHead | undefined;

  /** Tells what it finds. */
  constructor(events: ProtocolEvents) {
    this.#events = events;
  }

  /** Reads a chunk. @throws {SyntaxError} for bytes that are not this protocol; nothing more can be read then */
  read(chunk: Uint8Array): void {
    let start = 0;
    while (start < chunk.length) {
      start = this.#head === undefined ? this.#readLine(chunk, start) : this.#readPayload(chunk, start, this.#head);
    }
    if (this.#head !== undefined) this.#head = ownHead(this.#head);
  }

  #readLine(chunk: Uint8Array, start: number): number {
    const end = chunk.indexOf(lineFeed, start);
    if (end < 0) {
      this.#hold(chunk.subarray(start));
      if (this.#heldBytes > maximumLineBytes) throw malformed();
      return chunk.length;
    }
    if (this.#heldBytes === 0) {
      this.#takeLine(chunk, start, end);
    } else {
      const line = this.#release(chunk.subarray(start, end));
      this.#takeLine(line, 0, line.length);
    }
    return end + 1;
  }

  #readPayload(chunk: Uint8Array, start: number, head: MessageHead): number {
    const needed = head.totalBytes + 2 - this.#heldBytes;
    if (chunk.length - start < needed) {
      this.#hold(chunk.subarray(start));
      return chunk.length;
    }
    this.#head = undefined;
    if (this.#heldBytes === 0) this.#takePayload(chunk, start, head);
    else this.#takePayload(this.#release(chunk.subarray(start, start + needed)), 0, head);
    return start + needed;
  }

  #takePayload(bytes: Uint8Array, start: number, head: MessageHead): void {
    const { headerBytes, totalBytes, subscriptionId, subject, replySubject } = head;
    const end = start + totalBytes;
    if (bytes[end] !== carriageReturn || bytes[end + 1] !== lineFeed) throw malformed();
    this.#events.onMessage({
      subscriptionId,
      subject,
      replySubject,
      headerBlock: headerBytes === 0 ? undefined : bytes.subarray(start, start + headerBytes),
      body: bytes.subarray(start + headerBytes, end),
    });
  }

  /** Takes the line from `start` to its line feed at `lineFeedAt`: a view of it would be made for every message. */
  #takeLine(bytes: Uint8Array, start: number, lineFeedAt: number): void {
    const end = lineFeedAt - 1;
    if (end < start || bytes[end] !== carriageReturn) throw malformed();
    switch (end === start ? undefined : bytes[start]) {
      case 0x4d: // MSG
        this.#head = readHead(bytes, start + 4, end, false);
        return;
      case 0x48: // HMSG
        this.#head = readHead(bytes, start + 5, end, true);
        return;
      case 0x2b: // +OK
        return;
    }
    const text = decoder.decode(bytes.subarray(start, end));
    if (text === "PING") this.#events.onPing();
    else if (text === "PONG") this.#events.onPong();
    else if (text.startsWith("INFO ")) this.#events.onInfo(text.slice(5));
    else if (text.startsWith("-ERR ")) this.#events.onError(text.slice(5));
    else throw malformed();
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes.slice());
    this.#heldBytes += bytes.length;
  }

  #release(last: Uint8Array): Uint8Array {
    const whole = new Uint8Array(this.#heldBytes + last.length);
    let offset = 0;
    for (const part of this.#held) {
      whole.set(part, offset);
      offset += part.length;
    }
    whole.set(last, offset);
    this.#held = [];
    this.#heldBytes = 0;
    return whole;
  }
}

/**
 * Reads `subject sid [reply] [headerBytes] totalBytes` from `start` to `end`, from the last word to the first: only a
 * reply may be missing.
 */
function readHead(bytes: Uint8Array, start: number, end: number, withHeaders: boolean): MessageHead {
  if (start > end || bytes[start - 1] !== space) throw malformed();
  const totalAt = wordBefore(bytes, end, start);
  const headerAt = withHeaders ? wordBefore(bytes, totalAt - 1, start) : totalAt;
  const subjectEnd = bytes.indexOf(space, start);
  const idEnd = bytes.indexOf(space, subjectEnd + 1);
  if (subjectEnd <= start || idEnd < 0 || idEnd >= headerAt) throw malformed();
  const totalBytes = readNumber(bytes, totalAt, end);
  const headerBytes = withHeaders ? readNumber(bytes, headerAt, totalAt - 1) : 0;
  if (totalBytes > maximumMessageBytes || headerBytes > totalBytes) throw malformed();
  const hasReply = idEnd + 1 < headerAt;
  if (hasReply && bytes.indexOf(space, idEnd + 1) !== headerAt - 1) throw malformed();
  return {
    subscriptionId: readNumber(bytes, subjectEnd + 1, idEnd),
    subject: bytes.subarray(start, subjectEnd),
    replySubject: hasReply ? bytes.subarray(idEnd + 1, headerAt - 1) : undefined,
    headerBytes,
    totalBytes,
  };
}

/** Where the word starts that ends here. */
function wordBefore(line: Uint8Array, end: number, least: number): number {
  let start = end;
  while (start > least && line[start - 1] !== space) start -= 1;
  return start;
}

/** A head whose payload comes with a later chunk keeps nothing of this one, whose memory a runtime may use again. */
function ownHead(head: MessageHead): MessageHead {
  return { ...head, subject: head.subject.slice(), replySubject: head.replySubject?.slice() };
}

function readNumber(line: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 15) throw malformed();
  let number = 0;
  for (let index = start; index < end; index++) {
    const digit = line[index]! - 0x30;
    if (digit < 0 || digit > 9) throw malformed();
    number = number * 10 + digit;
  }
  return number;
}

function malformed(): SyntaxError {
  return new SyntaxError("the broker's bytes are not NATS protocol");
}
