import { MessagingError } from "../errors/messaging-error.ts";
import { endFrame, heartbeatFrame } from "./event-frame.ts";
import type { EffectiveLimits } from "./gateway-limits.ts";
import type { Swept } from "./sweeper.ts";

/** How long the last frame waits for its reader before the stream breaks off without it, in milliseconds. */
const farewellMs = 1_000;
/** What waits goes out in pieces of about this size: one for each event would cost a turn each. */
const pieceBytes = 16_384;

/** What a stream tells the gateway. */
export interface StreamOwner {
  readonly limits: EffectiveLimits;
  /** The time on the clock's scale. */
  now(): number;
  /** The stream takes no more events; `reason` where it is the gateway that ends it. */
  ended(stream: StreamWriter, reason: string | undefined): void;
  /** The stream is gone. */
  closed(stream: StreamWriter): void;
  /** It is time to verify the caller again. */
  recheck(stream: StreamWriter): void;
}

/**
 * The writing end of one event stream. It is its `ReadableStream`'s source itself, and holds little: thousands are open
 * at once. What its reader has not taken is counted in bytes here, not by the stream.
 */
export class StreamWriter implements Swept {
  readonly #owner: StreamOwner;
  /** When its caller's credentials end, in milliseconds since 1970. */
  readonly #expiresAt: number;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Whether the reader waits for something. */
  #wanted = false;
  /** When something began to wait for the reader. */
  #stalledSince = Infinity;
  #wroteAt: number;
  #recheckAt: number;
  #whenDrained: (() => void)[] = [];
  /** When it breaks off; set once it has been ended. */
  #breakAt = Infinity;
  #ended = false;
  #closed = false;

  /** Begins with these frames. */
  constructor(owner: StreamOwner, expiresAt: number, frames: readonly Uint8Array[]) {
    this.#owner = owner;
    this.#expiresAt = expiresAt;
    this.#wroteAt = owner.now();
    this.#recheckAt = this.#wroteAt + owner.limits.recheckMs;
    for (const frame of frames) this.push(frame, this.#wroteAt);
  }

  /** Makes the stream. */
  readable(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(this, { highWaterMark: 0 });
  }

  /** Whether it takes no more events. */
  get isEnded(): boolean {
    return this.#ended;
  }

  /** Sends a frame; a reader for whom too much waits already is cut. */
  push(frame: Uint8Array, now: number): void {
    if (this.#ended) return;
    if (this.#wanted) return this.#write(frame, now);
    const { streamBufferBytes } = this.#owner.limits;
    // One frame may wait whatever its size: a large event is no sign of a slow reader.
    if (this.#waiting.length > 0 && this.#waitingBytes + frame.length > streamBufferBytes) {
      return this.#cut(`more than ${streamBufferBytes} bytes wait`);
    }
    this.#enqueue(frame, now);
  }

  /** Resolves when nothing waits for its reader, or it takes no more. */
  drained(): Promise<void> {
    return this.#waiting.length === 0 || this.#ended
      ? Promise.resolve()
      : new Promise((resolve) => this.#whenDrained.push(resolve));
  }

  /** Ends it: what waits goes out, then the reason, then nothing. */
  end(error: MessagingError, reason: string): void {
    if (this.#ended) return;
    const now = this.#owner.now();
    this.#ended = true;
    this.#tellDrained();
    this.#breakAt = now + farewellMs;
    this.#owner.ended(this, reason);
    const frame = endFrame(error);
    if (this.#wanted) {
      this.#write(frame, now);
      this.#close();
    } else {
      this.#enqueue(frame, now);
    }
  }

  /** Breaks it off, where its reader does not take the end. */
  breakOff(): void {
    if (this.#closed) return;
    this.#finish();
    const error = new Error("The reader did not take the end of the stream");
    // HTTP servers write it down for every reader that is cut, and where it was made tells nothing.
    delete error.stack;
    this.#controller?.error(error);
  }

  /** Ends what takes too long, and breaks a long silence. */
  sweep(now: number, date: number): void {
    const { heartbeatMs, streamStallMs, recheckMs } = this.#owner.limits;
    if (this.#ended) {
      if (now >= this.#breakAt) this.breakOff();
    } else if (date >= this.#expiresAt) {
      this.end(new MessagingError("UNAUTHENTICATED", "The caller's credentials have expired"), "expired");
    } else if (now - this.#stalledSince >= streamStallMs) {
      this.#cut(`nothing was read for ${streamStallMs} ms`);
    } else {
      if (now - this.#wroteAt >= heartbeatMs && this.#wanted) this.#write(heartbeatFrame, now);
      if (now < this.#recheckAt) return;
      this.#recheckAt = now + recheckMs;
      this.#owner.recheck(this);
    }
  }

  /** The stream's reader can be written to from now on. */
  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    if (this.#closed) controller.close();
  }

  /** The stream's reader wants something. */
  pull(): void {
    if (this.#closed) return;
    if (this.#waiting.length > 0) this.#controller!.enqueue(this.#takePiece());
    else this.#wanted = true;
    if (this.#ended && this.#waiting.length === 0) this.#close();
  }

  /** The stream's reader has left. */
  cancel(): void {
    this.#finish();
  }

  #write(frame: Uint8Array, now: number): void {
    this.#wanted = false;
    this.#wroteAt = now;
    this.#controller!.enqueue(frame);
  }

  #enqueue(frame: Uint8Array, now: number): void {
    if (this.#waiting.length === 0) this.#stalledSince = now;
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
  }

  #takePiece(): Uint8Array {
    let count = 1;
    let bytes = this.#waiting[0]!.length;
    while (count < this.#waiting.length && bytes + this.#waiting[count]!.length <= pieceBytes) {
      bytes += this.#waiting[count]!.length;
      count += 1;
    }
    const frames = this.#waiting.splice(0, count);
    this.#waitingBytes -= bytes;
    this.#wroteAt = this.#owner.now();
    this.#stalledSince = this.#waiting.length > 0 ? this.#wroteAt : Infinity;
    if (this.#waiting.length === 0) this.#tellDrained();
    if (frames.length === 1) return frames[0]!;
    const piece = new Uint8Array(bytes);
    let offset = 0;
    for (const frame of frames) {
      piece.set(frame, offset);
      offset += frame.length;
    }
    return piece;
  }

  #cut(why: string): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#stalledSince = Infinity;
    this.end(new MessagingError("BUSY", `The reader of the stream is too slow: ${why}`), "slow");
  }

  #close(): void {
    if (this.#closed) return;
    this.#finish();
    this.#controller!.close();
  }

  #tellDrained(): void {
    const waiting = this.#whenDrained;
    this.#whenDrained = [];
    for (const resolve of waiting) resolve();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = [];
    if (!this.#ended) {
      this.#ended = true;
      this.#tellDrained();
      this.#owner.ended(this, undefined);
    }
    this.#owner.closed(this);
  }
}
