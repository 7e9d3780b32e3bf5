const smallestBytes = 1024;
const largestBytes = 64 * 1024;

/**
 * Memory for many small pieces of bytes, given out one behind the other and never twice: a piece of its own for each
 * costs several times what is written into it, and the collector again.
 *
 * Whoever keeps a piece for long keeps up to 64 KiB with it, so copies it.
 */
export class BytePool {
  /** The most that is worth taking from here. */
  static readonly maximumBytes: number = largestBytes / 4;

  #memory = new Uint8Array(0);
  #used = 0;

  /** Free memory of at least so many bytes; what was written into it is the writer's by `take`. */
  room(bytes: number): Uint8Array {
    if (this.#memory.length - this.#used < bytes) {
      // What is used little stays small.
      const size = Math.min(largestBytes, Math.max(smallestBytes, this.#memory.length * 2));
      this.#memory = new Uint8Array(Math.max(size, bytes));
      this.#used = 0;
    }
    return this.#memory.subarray(this.#used);
  }

  /** The first so many bytes of the room, for good. */
  take(bytes: number): Uint8Array {
    const start = this.#used;
    this.#used += bytes;
    return this.#memory.subarray(start, this.#used);
  }

  /** A copy of bytes. */
  copy(bytes: Uint8Array): Uint8Array {
    if (bytes.length > BytePool.maximumBytes) return bytes.slice();
    this.room(bytes.length).set(bytes);
    return this.take(bytes.length);
  }
}
