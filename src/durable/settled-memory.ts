import type { StoredMessage } from "../transport/event-store.ts";

const maximumEntries = 1_024;

/**
 * What was decided about messages that may come again since the broker may not have heard of it: the newest of them.
 * A stream that was made anew counts from 1 again, so the time belongs to the sequence.
 */
export class SettledMemory<Decision> {
  readonly #entries = new Map<number, { readonly publishedAt: number; readonly decision: Decision }>();

  /** Keeps a decision. */
  keep({ sequence, publishedAt }: StoredMessage, decision: Decision): void {
    this.#entries.set(sequence, { publishedAt, decision });
    if (this.#entries.size > maximumEntries) this.#entries.delete(this.#entries.keys().next().value!);
  }

  /** The decision about a message; `undefined` where there is none. */
  find({ sequence, publishedAt }: StoredMessage): Decision | undefined {
    if (this.#entries.size === 0) return undefined;
    const entry = this.#entries.get(sequence);
    return entry?.publishedAt === publishedAt ? entry.decision : undefined;
  }

  /** The broker has heard of it. */
  forget({ sequence }: StoredMessage): void {
    this.#entries.delete(sequence);
  }
}
