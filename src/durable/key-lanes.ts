/** Items of one key one after another, in the order they came; other keys beside them. */
export class KeyLanes<Item> {
  /** What waits behind the one whose turn it is. */
  readonly #waiting = new Map<string, Item[]>();

  /** Puts an item into its key's lane; tells whether it is its turn at once. */
  enter(key: string, item: Item): boolean {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, []);
    else waiting.push(item);
    return waiting === undefined;
  }

  /** The one whose turn it was is done: gives the next one. */
  leave(key: string): Item | undefined {
    const waiting = this.#waiting.get(key);
    const next = waiting?.shift();
    if (next === undefined) this.#waiting.delete(key);
    return next;
  }

  /** Takes out all that wait behind another. */
  clear(): Item[] {
    return [...this.#waiting.values()].flatMap((waiting) => waiting.splice(0));
  }
}
