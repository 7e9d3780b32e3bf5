/** What waits to be delivered again, the oldest of the stream first. */
export class RedeliveryQueue<Item extends { readonly sequence: number }> {
  /** The oldest last: taking from the front of a long list moves all of it. */
  readonly #items: Item[] = [];

  /** Takes an item in; one that is in already stays once. */
  add(item: Item): void {
    const index = this.#placeOf(item);
    if (this.#items[index] !== item) this.#items.splice(index, 0, item);
  }

  /** Whether an item is in. */
  has(item: Item): boolean {
    return this.#items[this.#placeOf(item)] === item;
  }

  /** Takes an item out; harmless when it is not in. */
  delete(item: Item): void {
    const index = this.#placeOf(item);
    if (this.#items[index] === item) this.#items.splice(index, 1);
  }

  /** Takes the oldest out. */
  take(): Item | undefined {
    return this.#items.pop();
  }

  /** Takes all out. */
  clear(): void {
    this.#items.length = 0;
  }

  /** Where an item of this sequence is, or has to be put. */
  #placeOf({ sequence }: Item): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#items[middle]!.sequence > sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
