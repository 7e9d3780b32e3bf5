/** A map that forgets what was used longest ago. */
export class BoundedCache<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #limit: number;

  /** Holds at most so many. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many it holds. */
  get size(): number {
    return this.#entries.size;
  }

  /** Finds a value, which counts as using it. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  /** Puts a value in. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest!);
  }

  /** Takes a value out. */
  delete(key: Key): void {
    this.#entries.delete(key);
  }
}
