/**
 * How many messages were asked for and have not come. The broker serves several requests in turn and does not say which
 * one a message is for, so the messages are counted together; what ends a request says how many of it were missing.
 */
export class Pulls {
  readonly #open = new Map<string, { readonly batch: number; readonly endsAt: number }>();
  #awaited = 0;

  /** How many messages may still come. */
  get awaited(): number {
    return this.#awaited;
  }

  /** Whether the request is not over. */
  has(id: string): boolean {
    return this.#open.has(id);
  }

  /** So many were asked for, until this time. */
  add(id: string, batch: number, endsAt: number): void {
    this.#open.set(id, { batch, endsAt });
    this.#awaited += batch;
  }

  /** One has come. */
  arrived(): void {
    if (this.#awaited > 0) this.#awaited -= 1;
    if (this.#awaited === 0) this.#open.clear();
  }

  /** A request is over; `unfilled` messages of it will not come. */
  ended(id: string, unfilled: number | undefined): void {
    const pull = this.#open.get(id);
    if (pull === undefined) return;
    this.#open.delete(id);
    // Without a word about it, as old brokers and brokers that are going down end one: those that came came for others.
    const missing = this.#open.size === 0 ? this.#awaited : Math.min(unfilled ?? pull.batch, this.#awaited);
    this.#awaited -= missing;
  }

  /** Ends those that are over by now, whether or not the broker was heard to say so. */
  expire(now: number): void {
    for (const [id, { endsAt }] of this.#open) if (endsAt < now) this.ended(id, undefined);
  }

  /** Nothing comes of any of them. */
  clear(): void {
    this.#open.clear();
    this.#awaited = 0;
  }
}
