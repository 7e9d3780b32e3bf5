import type { Clock } from "../transport/clock.ts";

const hexadecimal = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const traceBytes = 16;
const spanBytes = 8;
const poolBytes = 6 * 1024;

/**
 * Makes a `traceparent` for each request: where a gateway does not share traces they start anew at the public edge, so
 * that nobody outside can join, flood or sample those of the services.
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export class TraceContext {
  readonly #clock: Clock;
  #pool: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;

  /** Over the clock's randomness. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The next one. */
  next(): string {
    if (this.#pool === undefined || this.#used + traceBytes + spanBytes > poolBytes) {
      this.#pool ??= new Uint8Array(poolBytes);
      this.#clock.randomBytes(this.#pool);
      this.#used = 0;
    }
    return `00-${this.#take(this.#pool, traceBytes)}-${this.#take(this.#pool, spanBytes)}-01`;
  }

  #take(pool: Uint8Array, length: number): string {
    let text = "";
    for (const end = this.#used + length; this.#used < end; this.#used++) text += hexadecimal[pool[this.#used]!];
    return text;
  }
}
