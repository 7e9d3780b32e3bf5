import { cancelledConnecting, raceAbort } from "./race-abort.ts";

/** Something that several participants share: opened for the first, closed after the last. */
export interface SharedResourceOptions<Resource> {
  /** Opens it; the signal aborts when nobody waits for it any longer. */
  readonly open: (signal: AbortSignal) => Promise<Resource>;
  /** Closes it. Never rejects. */
  readonly close: (resource: Resource) => Promise<void>;
}

interface Opening<Resource> {
  readonly promise: Promise<Resource>;
  readonly abort: AbortController;
  participants: number;
}

/** Counts the participants of a resource, opens it once and closes it once. */
export class SharedResource<Resource> {
  readonly #options: SharedResourceOptions<Resource>;
  #current: Opening<Resource> | undefined;
  #closing: Promise<void> = Promise.resolve();

  /** Nothing is opened yet. */
  constructor(options: SharedResourceOptions<Resource>) {
    this.#options = options;
  }

  /**
   * Joins, and gives the resource with the one call that leaves it again.
   *
   * @throws {MessagingError} `CANCELLED` by the signal, or what opening threw
   */
  async join(signal?: AbortSignal): Promise<{ resource: Resource; leave: () => Promise<void> }> {
    if (signal?.aborted) throw cancelledConnecting(signal.reason);
    const opening = this.#current ??= this.#open();
    opening.participants += 1;
    let left = false;
    const leave = (): Promise<void> => {
      if (left) return this.#closing;
      left = true;
      opening.participants -= 1;
      return opening.participants === 0 ? this.#close(opening) : Promise.resolve();
    };
    try {
      const resource = await raceAbort(opening.promise, signal);
      if (signal?.aborted) throw cancelledConnecting(signal.reason);
      return { resource, leave };
    } catch (error) {
      void leave();
      throw error;
    }
  }

  #open(): Opening<Resource> {
    const abort = new AbortController();
    const promise = this.#closing.then(() => this.#options.open(abort.signal));
    const opening: Opening<Resource> = { promise, abort, participants: 0 };
    promise.catch(() => {
      // The next to join tries anew.
      if (this.#current === opening) this.#current = undefined;
    });
    return opening;
  }

  #close(opening: Opening<Resource>): Promise<void> {
    if (this.#current === opening) this.#current = undefined;
    opening.abort.abort();
    this.#closing = opening.promise.then((resource) => this.#options.close(resource), () => {});
    return this.#closing;
  }
}
