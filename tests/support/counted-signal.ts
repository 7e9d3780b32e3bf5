/** A signal, and how many listen to it. */
export interface CountedSignal {
  readonly signal: AbortSignal;
  readonly listeners: () => number;
}

/** A signal that knows how many listen to it. */
export function countedSignal(): CountedSignal {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  return { signal, listeners: () => listeners };
}
