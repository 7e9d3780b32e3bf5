/** Takes a callback away again; harmless when it was called. */
export type StopListening = () => void;

interface Group {
  readonly callbacks: Set<() => void>;
  readonly onAbort: () => void;
}

/** Callbacks on abort signals, one listener a signal however many wait on it: Node warns of a leak at the eleventh. */
export class AbortListeners {
  readonly #groups = new WeakMap<AbortSignal, Group>();

  /** Calls back once when the signal aborts. */
  listen(signal: AbortSignal, callback: () => void): StopListening {
    const group = this.#groups.get(signal) ?? this.#join(signal);
    group.callbacks.add(callback);
    return () => {
      if (!group.callbacks.delete(callback) || group.callbacks.size > 0) return;
      signal.removeEventListener("abort", group.onAbort);
      if (this.#groups.get(signal) === group) this.#groups.delete(signal);
    };
  }

  #join(signal: AbortSignal): Group {
    const callbacks = new Set<() => void>();
    const onAbort = (): void => {
      for (const callback of callbacks) {
        callbacks.delete(callback);
        callback();
      }
    };
    const group: Group = { callbacks, onAbort };
    this.#groups.set(signal, group);
    signal.addEventListener("abort", onAbort, { once: true });
    return group;
  }
}
