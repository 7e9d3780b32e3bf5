import { MessagingError, type Transport } from "../../mod.ts";
import { withStore } from "../support/with-store.ts";

/** A transport whose stream of dead letters is full while `full()` says so. */
export function withFullLetters(transport: Transport, full: () => boolean): Transport {
  return withStore(transport, (store) => ({
    store: (subject, body, options) => {
      if (!options.stream.endsWith("=DEAD") || !full()) return store.store(subject, body, options);
      return Promise.reject(new MessagingError("BUSY", "The stream is full"));
    },
  }));
}
