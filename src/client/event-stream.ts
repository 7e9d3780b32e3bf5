import type { EventContext } from "./client-options.ts";
import type { EventStream, StreamedEvent } from "./messaging-client.ts";

/** The writing end of an event stream. */
export interface EventStreamSource<Data> {
  /** For the reader. */
  readonly stream: EventStream<Data>;
  /** Hands on an event; resolves when the reader has taken it. */
  push(data: Data, context: EventContext): Promise<void>;
  /** Ends the stream; with an error, the reader gets that first. */
  end(error?: unknown): void;
}

/**
 * Makes an event stream. It holds one event at a time: what waits behind it is the bounded queue of the receiver that
 * pushes, which goes on when the reader has taken the event.
 */
export function createEventStream<Data>(ready: () => Promise<void>, onReturn: () => void): EventStreamSource<Data> {
  let held: { readonly event: StreamedEvent<Data>; readonly taken: () => void } | undefined;
  let readers: { resolve: (result: IteratorResult<StreamedEvent<Data>>) => void; reject: (error: unknown) => void }[] =
    [];
  let ended = false;
  let failure: { readonly error: unknown } | undefined;

  const end = (error?: unknown): void => {
    if (ended) return;
    ended = true;
    if (error !== undefined) failure = { error };
    held?.taken();
    held = undefined;
    const waiting = readers;
    readers = [];
    for (const reader of waiting) {
      if (failure === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(takeFailure());
    }
  };
  const takeFailure = (): unknown => {
    const { error } = failure!;
    failure = undefined;
    return error;
  };
  const stop = (): Promise<void> => {
    if (!ended) {
      end();
      onReturn();
    }
    return Promise.resolve();
  };

  const stream: EventStream<Data> = {
    get ready() {
      return ready();
    },
    next: () => {
      if (failure !== undefined) return Promise.reject(takeFailure());
      if (ended) return Promise.resolve({ done: true, value: undefined });
      if (held !== undefined) {
        const { event, taken } = held;
        held = undefined;
        taken();
        return Promise.resolve({ done: false, value: event });
      }
      return new Promise((resolve, reject) => readers.push({ resolve, reject }));
    },
    return: async () => {
      await stop();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: stop,
  };
  return {
    stream,
    end,
    push: (data, context) => {
      if (ended) return Promise.resolve();
      const reader = readers.shift();
      if (reader !== undefined) {
        reader.resolve({ done: false, value: { data, context } });
        return Promise.resolve();
      }
      return new Promise((taken) => {
        held = { event: { data, context }, taken };
      });
    },
  };
}
